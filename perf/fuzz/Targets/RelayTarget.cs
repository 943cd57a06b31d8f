using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Ptth.Common.Protocol;
using Ptth.Fuzz.Reference;
using Ptth.Http.Server;
using Ptth.Http.Transport;
using Ptth.Relay;
using Ptth.Relay.Admission;
using Ptth.Relay.Configuration;
using Ptth.Relay.Rendezvous;
using Ptth.Relay.Tunnels;

namespace Ptth.Fuzz.Targets;

/// <summary>
/// The relay with a tunnel of two parties that are well. Beside it a connection of others, who have keys of their own and even know the
/// tunnel's ID (<c>{ID}</c> in the input stands for it), sends the input. Whatever it is: their connection ends, nothing of the tunnel's
/// reaches it, and the tunnel carries each byte to its end.
/// </summary>
internal sealed class RelayTarget : IFuzzTarget
{
    private const string Up = "up of the tunnel";
    private const string Down = "down of the tunnel";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>What stands for the sockets of connections in memory; the gate, which is not asked here, would break them by it.</summary>
    private static readonly Socket Nowhere = new(SocketType.Stream, ProtocolType.Tcp);

    private static readonly PtthKey Home = Key('H');
    private static readonly PtthKey Laptop = Key('L');

    private static readonly RelayConfig Config = new()
    {
        Listen = [new IPEndPoint(IPAddress.Loopback, 0)],
        Servers = [new ServerEntry("home", new PartyKey(Home.Hash())), new ServerEntry("office", new PartyKey(Key('A').Hash()))],
        Clients = [new ClientEntry("laptop", new PartyKey(Laptop.Hash()), [Pattern("home/*")]), new ClientEntry("phone", new PartyKey(Key('B').Hash()), [Pattern("office/*")])],
    };

    /// <inheritdoc/>
    public string Name => "relay";

    /// <inheritdoc/>
    public string Dictionary => "relay.dict";

    /// <inheritdoc/>
    public int MaxBytes => 1024;

    /// <inheritdoc/>
    public void Run(ReadOnlySpan<byte> input)
    {
        var time = new FakeTimeProvider();
        using var ticker = new Ticker(time);
        var tunnels = new TunnelTable(Config, ticker, NullLogger.Instance);
        var context = new RelayContext(new Authenticator(Config, time), new InMemoryRendezvous(Config.Limits, time), tunnels, ticker, time, NullLogger.Instance);
        var strangers = new StrangersLog(NullLogger.Instance, ticker);
        var dispatcher = new Dispatcher(context, new RequestGuard(context, new ConnectionGate(Config.Limits, time, strangers.TurnedAway)), strangers);
        var options = new HttpServerOptions { Ticker = ticker, Handler = dispatcher.HandleAsync, ErrorResponse = Problems.OfStatus };

        FedChannel listen = Open(options, out _), connect = Open(options, out _), accept = Open(options, out _), up = Open(options, out _), down = Open(options, out _);
        listen.Feed(Request("listen/ssh", Home, ""));
        connect.Feed(Request("connect/home/ssh", Laptop, ""));
        string id = IdIn(Encoding.Latin1.GetString(listen.Sent));
        accept.Feed(Request("accept/" + id, Home, ""));
        up.Feed(Request("upstream/" + id, Laptop, $"{Up.Length:x}\r\n{Up}\r\n"));
        down.Feed(Request("downstream/" + id, Home, $"{Down.Length:x}\r\n{Down}\r\n"));

        FedChannel other = Open(options, out Task ended);
        other.Feed(Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(input).Replace("{ID}", id, StringComparison.Ordinal)));
        other.End();
        // Longer than any wait that the other could ask for.
        for (int i = 0; i < 4 && !ended.IsCompleted; i++) time.Advance(TimeSpan.FromSeconds(100));
        Complete.Now(ended);
        string sent = Encoding.Latin1.GetString(other.Sent);
        if (sent.Contains(Up, StringComparison.Ordinal) || sent.Contains(Down, StringComparison.Ordinal)) throw new Finding("bytes of the tunnel reach another connection");

        up.Feed("6\r\nthe up\r\n0\r\n\r\n"u8);
        down.Feed("8\r\nthe down\r\n0\r\n\r\n"u8);
        Check(accept, Up + "the up");
        Check(connect, Down + "the down");
        foreach (FedChannel channel in new[] { listen, connect, accept, up, down }) channel.End();
    }

    private static void Check(FedChannel receiver, string expected)
    {
        // What woke up in the thread pool may still be on its way.
        SpinWait.SpinUntil(() => receiver.Sent.AsSpan().EndsWith("\r\n0\r\n\r\n"u8), Patience);
        ReadOnlySpan<byte> bytes = receiver.Sent;
        if (!NaiveExchanges.TryTakeHead(ref bytes, out string head) || NaiveHead.ReadResponse(head, "POST") is not { Status: 200, Framing: NaiveFraming.Chunked })
            throw new Finding($"the tunnel's stream has another head: {head}");
        var data = new List<byte>();
        if (NaiveChunks.Read(bytes, data) != bytes.Length || Encoding.Latin1.GetString([.. data]) != expected)
            throw new Finding($"the tunnel carries something else: {Encoding.Latin1.GetString([.. data])}");
    }

    private static FedChannel Open(HttpServerOptions options, out Task ended)
    {
        var channel = new FedChannel();
        ended = new HttpServerConnection(new Connection(channel), options) { Tag = new AdmittedConnection(Nowhere, new AddressGroup(default, standsAlone: false)) }.RunAsync();
        return channel;
    }

    private static byte[] Request(string path, PtthKey key, string chunks) => Encoding.Latin1.GetBytes(
        $"POST /v1/{path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {key.Reveal()}\r\n{(chunks.Length == 0 ? "" : "Transfer-Encoding: chunked\r\n")}\r\n{chunks}");

    private static string IdIn(string answer)
    {
        const string Field = "Ptth-Connection: ";
        int at = answer.IndexOf(Field, StringComparison.Ordinal);
        return at < 0 ? throw new Finding("the tunnel does not come about") : answer.Substring(at + Field.Length, ConnectionId.Length);
    }

    // Keys that the dictionary can have, too. The last character of a key has two bits that are always 0.
    private static PtthKey Key(char of) => PtthKey.TryParse(PtthKey.Prefix + new string(of, 42) + "A", out PtthKey? key) ? key : throw new InvalidOperationException();

    private static AllowPattern Pattern(string text) => AllowPattern.TryParse(text, out AllowPattern? pattern) ? pattern : throw new InvalidOperationException();
}
