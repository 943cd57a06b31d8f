using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using NUnit.Framework;
using Ptth.Common.Hosting;
using Ptth.Common.Protocol;
using Ptth.Http.Flow;
using Ptth.Http.Transport;
using Ptth.Relay;
using Ptth.Relay.Admission;
using Ptth.Relay.Configuration;
using Ptth.Relay.Probes;
using Ptth.Relay.Reloading;
using Ptth.Relay.Rendezvous;
using Ptth.Relay.Tunnels;

namespace Ptth.Tests.Support;

/// <summary>
/// A relay in this process, on loopback, with a clock that the test moves. Servers: <c>home</c> and <c>office</c>. Clients:
/// <c>laptop</c> may reach <c>home/*</c> and the server <c>missing</c>, which is not configured; <c>phone</c> may reach <c>office/ssh</c>.
/// </summary>
internal sealed class InProcessRelay : IAsyncDisposable
{
    private readonly List<InProcessPeer> _peers = [];
    private readonly InProcessTime.Part _waits;

    public InProcessRelay(
        RelayLimits? limits = null, RelayTimeouts? timeouts = null, IPEndPoint? listen = null, Func<RelayConfig, DateTimeOffset, RelayConfig>? change = null)
    {
        Ticker = new Ticker(Time);
        var config = new RelayConfig
        {
            Listen = [listen ?? new IPEndPoint(IPAddress.Loopback, 0)],
            Limits = limits ?? new RelayLimits(),
            Timeouts = timeouts ?? new RelayTimeouts(),
            Servers = [new ServerEntry("home", new PartyKey(Home.Hash())), new ServerEntry("office", new PartyKey(Office.Hash()))],
            Clients =
            [
                new ClientEntry("laptop", new PartyKey(Laptop.Hash()), [Pattern("home/*"), Pattern("missing/*")]),
                new ClientEntry("phone", new PartyKey(Phone.Hash()), [Pattern("office/ssh")]),
            ],
        };
        if (change is not null) config = change(config, Time.GetUtcNow());
        _waits = new InProcessTime.Part(Time);
        Rendezvous = new InMemoryRendezvous(config.Limits, _waits);
        Context = new RelayContext(new Authenticator(config, Time), Rendezvous, new TunnelTable(config, Ticker, Log), Ticker, Time, Log);
        Server = new RelayServer(Context, certificate: null);
        Assert.That(Server.TryStart(), Is.True);
    }

    public static PtthKey Home { get; } = PtthKey.Generate();

    public static PtthKey Office { get; } = PtthKey.Generate();

    public static PtthKey Laptop { get; } = PtthKey.Generate();

    public static PtthKey Phone { get; } = PtthKey.Generate();

    public InProcessTime Time { get; } = new();

    public Ticker Ticker { get; }

    public InMemoryRendezvous Rendezvous { get; }

    public RelayContext Context { get; }

    public RelayServer Server { get; }

    public InProcessLog Log { get; } = new();

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint => Server.Addresses.Single();

    /// <summary>Opens a connection.</summary>
    /// <param name="token">Ends it.</param>
    /// <param name="from">The address to connect from, such as another one of loopback's.</param>
    public async Task<InProcessPeer> OpenAsync(CancellationToken token, IPAddress? from = null)
    {
        InProcessPeer peer = await InProcessPeer.ConnectAsync(EndPoint, token, from);
        _peers.Add(peer);
        return peer;
    }

    /// <summary>How a new connection ends that is not served.</summary>
    public async Task<PeerEnd> OpenRefusedAsync(CancellationToken token)
    {
        try
        {
            return (await (await OpenAsync(token)).ReadToEndAsync(token)).End;
        }
        catch (SocketException failure) when (failure.SocketErrorCode == SocketError.ConnectionReset)
        {
            // It was reset before it had been told that it was there.
            await Task.Yield();
            return PeerEnd.Reset;
        }
    }

    /// <summary>A request's head; <paramref name="fields"/> are lines that end in CRLF.</summary>
    public static string Head(string method, string path, PtthKey? key, string fields = "", string version = "HTTP/1.1")
    {
        string authorization = key is null ? "" : $"Authorization: Bearer {key.Reveal()}\r\n";
        return $"{method} /v1/{path} {version}\r\nHost: relay.example\r\n{authorization}{fields}\r\n";
    }

    /// <summary>Opens a connection and sends a request's head.</summary>
    public async Task<InProcessPeer> SendAsync(string path, PtthKey? key, CancellationToken token, string fields = "")
    {
        InProcessPeer peer = await OpenAsync(token);
        await peer.SendAsync(Head("POST", path, key, fields), token);
        return peer;
    }

    /// <summary>Opens a connection, sends a request and reads the answer.</summary>
    public async Task<PeerMessage> AskAsync(string path, PtthKey? key, CancellationToken token, string fields = "", string body = "", string method = "POST", string version = "HTTP/1.1", IPAddress? from = null)
    {
        using InProcessPeer peer = await OpenAsync(token, from);
        if (body.Length > 0 && !fields.Contains("Transfer-Encoding", StringComparison.Ordinal)) fields += $"Content-Length: {body.Length}\r\n";
        await peer.SendAsync(Head(method, path, key, fields, version) + body, token);
        return await peer.ReadMessageAsync(token);
    }

    /// <summary>Sends a listen and waits until it waits at the rendezvous.</summary>
    public async Task<InProcessPeer> ListenAsync(CancellationToken token, string port = "ssh", PtthKey? key = null, string fields = "")
    {
        int before = Rendezvous.WaitingListens();
        InProcessPeer listen = await SendAsync($"listen/{port}", key ?? Home, token, fields);
        await UntilWaitingAsync(before + 1, Rendezvous.WaitingOffers(), token);
        return listen;
    }

    /// <summary>Sends a connect and waits until it waits at the rendezvous.</summary>
    public async Task<InProcessPeer> ConnectAsync(CancellationToken token, string port = "ssh", string fields = "")
    {
        int before = Rendezvous.WaitingOffers();
        InProcessPeer connect = await SendAsync($"connect/home/{port}", Laptop, token, fields);
        await UntilWaitingAsync(Rendezvous.WaitingListens(), before + 1, token);
        return connect;
    }

    /// <summary>Waits until so many listens and connects wait, each with the timer that ends its wait.</summary>
    public Task UntilWaitingAsync(int listens, int connects, CancellationToken token) => InProcessWait.UntilAsync(
        () => Rendezvous.WaitingListens() == listens && Rendezvous.WaitingOffers() == connects && _waits.Timers == listens + connects,
        $"{listens} listens and {connects} connects wait",
        token);

    /// <summary>A connect that a server has taken, and has not accepted.</summary>
    public async Task<(InProcessPeer Connect, string Id)> OfferAsync(CancellationToken token)
    {
        InProcessPeer connect = await ConnectAsync(token);
        PeerMessage listened = await AskAsync("listen/ssh", Home, token);
        return (connect, listened["Ptth-Connection"]!);
    }

    /// <summary>A tunnel by its ID.</summary>
    public Tunnel TunnelOf(string id) => Context.Tunnels.Find(ConnectionId.TryParse(id, out ConnectionId parsed) ? parsed : default)!;

    /// <summary>Waits until both answers that carry a tunnel's bytes have begun: their heads were sent in time, however far the clock is moved then.</summary>
    public Task UntilStreamsAsync(string id, CancellationToken token) => InProcessWait.UntilAsync(
        () => Sink(TunnelOf(id).Up) is not null && Sink(TunnelOf(id).Down) is not null, "both answers have begun", token);

    /// <summary>Waits until the relay knows of so many bytes that it has handed on, and lets it look at them.</summary>
    public async Task NoteProgressAsync(string id, long up, long down, CancellationToken token)
    {
        Tunnel tunnel = TunnelOf(id);
        await InProcessWait.UntilAsync(() => tunnel.Up.Bytes == up && tunnel.Down.Bytes == down, $"{up} bytes went up and {down} down", token);
        Advance(1);
    }

    /// <summary>Waits until no report of a probe is being sent: however far the clock is moved then, none is sent too slowly.</summary>
    public Task UntilReportedAsync(CancellationToken token) => InProcessWait.UntilAsync(
        () => Ticker.ItemsOf<ProbePair>().All(static pair => Sending(pair).CurrentCount == 1), "no report is being sent", token);

    /// <summary>Whether nothing is left of what came.</summary>
    public bool IsEmpty => Server.Connections == 0 && Context.Tunnels.Open == 0 && Rendezvous.Kept() == 0
        // The table of tunnels stays.
        && Ticker.Count == 1;

    /// <summary>Lets it read another configuration.</summary>
    public void Reload(Func<RelayConfig, RelayConfig> change) =>
        new RelayReloader(Context, Server, certificate: null, new SystemdNotifier(null, Log), () => change(Context.Config)).Reload();

    /// <summary>Moves the clock.</summary>
    public void Advance(double seconds) => Time.Advance(TimeSpan.FromSeconds(seconds));

    /// <summary>Closes the peers' ends, and checks that nothing is left and that nothing failed.</summary>
    public async ValueTask DisposeAsync()
    {
        if (TestContext.CurrentContext.Result.Outcome.Status == NUnit.Framework.Interfaces.TestStatus.Failed)
            await TestContext.Out.WriteLineAsync(string.Join('\n', Log.Lines));
        foreach (InProcessPeer peer in _peers) peer.Dispose();
        try
        {
            await InProcessWait.UntilAsync(() => IsEmpty, "the relay is empty", CancellationToken.None);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"left: {Server.Connections} connections, {Context.Tunnels.Open} tunnels, {Rendezvous.Kept()} at the rendezvous, {Ticker.Count - 1} in the ticker");
        }

        Server.Dispose();
        Ticker.Dispose();
        Assert.That(Log.Errors, Is.Empty);
    }

    private static AllowPattern Pattern(string text) =>
        AllowPattern.TryParse(text, out AllowPattern? pattern) ? pattern : throw new ArgumentException(text, nameof(text));

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_sending")]
    private static extern ref SemaphoreSlim Sending(ProbePair pair);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_sink")]
    private static extern ref FlowSink? Sink(TunnelDirection direction);
}
