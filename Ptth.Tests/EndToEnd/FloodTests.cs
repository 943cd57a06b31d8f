using System.Net;
using System.Net.Sockets;
using System.Text;
using NUnit.Framework;
using Ptth.Tests.Support;

namespace Ptth.Tests.EndToEnd;

/// <summary>Honest tunnels while hostile connections are held against the relay: perf/hostile.sh with a tenth of them and without figures.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[NonParallelizable]
internal sealed class FloodTests : EndToEndTest
{
    private const int Hostile = 500;
    private const int Tunnels = 10;
    private const int MiB = 1024 * 1024;

    private const string Upload = "POST /v1/upstream/AAAAAAAAAAAAAAAAAAAAAA HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

    /// <summary>What a hostile connection sends: at once, and whenever it can.</summary>
    private static readonly (string Opening, string More)[] Kinds =
    [
        ("", ""),
        ("GET /v1/hea", ""),
        ("GET /v1/health HTTP/1.1\r\nHost: a\r\nX: ", new string('x', 4096)),
        ("GET /", new string('x', 4096)),
        ("\0\u0001\u0002\r\n\r\n", ""),
        ("\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003", ""),
        ($"{Upload}1;a=", new string('e', 100)),
        ($"{Upload}10000000000000000\r\n", "x"),
        ($"{Upload}ffff\r\nx", ""),
    ];

    [Test]
    [CancelAfter(120_000)]
    public async Task Honest_tunnels_lose_nothing_and_all_hostile_connections_go(
        [Values("", "[limits]\nmax_unauthenticated_connections = 50\nmax_unauthenticated_per_address = 30")] string limits,
        [Values] bool manyAddresses,
        CancellationToken token)
    {
        using var service = new TcpService();
        var plan = new RigPlan { Targets = { ["stream"] = service.EndPoint }, RelayTables = $"[timeouts]\nhead = 2\n{limits}" };
        var rig = await TunnelRig.StartAsync(Scope, plan, token);
        var before = await rig.SettledRelaySocketsAsync(token);
        var tunnels = new List<(Socket Client, Socket Server, Pattern Pattern, Task<StreamEnd> Received)>();
        for (var i = 0; i < Tunnels; i++)
        {
            var client = Scope.Own(await rig.ConnectAsync("stream", token));
            var server = Scope.Own(await service.AcceptAsync(token));
            var pattern = Scope.NewPattern();
            tunnels.Add((client, server, pattern, server.ReceivePatternAsync(pattern, token)));
        }

        // All of their connections have shown their keys: what holds is under attack here, not what begins.
        await rig.SettledRelaySocketsAsync(token);
        var attack = Enumerable.Range(0, Hostile).Select(number => HoldAsync(rig, number, manyAddresses, token)).ToArray();
        await Task.WhenAll(tunnels.Select(async tunnel =>
        {
            await tunnel.Client.SendPatternAsync(tunnel.Pattern, 20 * MiB, token);
            tunnel.Client.Shutdown(SocketShutdown.Send);
            tunnel.Server.Shutdown(SocketShutdown.Send);
        }));
        var received = await Task.WhenAll(tunnels.Select(static tunnel => tunnel.Received));
        // A head's 2 s, a body's 5 s, and the machine's load.
        await Task.WhenAll(attack).WaitAsync(TimeSpan.FromSeconds(20), token);

        Assert.That(received, Is.All.EqualTo(new StreamEnd(20 * MiB, EndKind.Clean)));
        Assert.That(ProcessFacts.ResidentKiB(rig.Relay.Id), Is.LessThan(150_000));
        var health = await Curl.AskAsync(rig, "GET", "/v1/health", null, token);
        Assert.That(health.Status, Is.EqualTo(200));
        // Idle connections of the proxies are kept for a while.
        await Eventually.HoldsAsync(() => rig.RelaySockets() <= before + (4 * Tunnels), () => "the hostile connections' sockets are closed", TimeSpan.FromSeconds(5), token);
    }

    /// <summary>Holds one hostile connection until the relay ends it.</summary>
    private static async Task HoldAsync(TunnelRig rig, int number, bool manyAddresses, CancellationToken token)
    {
        var (opening, more) = Kinds[number % Kinds.Length];
        try
        {
            var from = manyAddresses ? new IPAddress([127, 1, (byte)(number / 250), (byte)(1 + (number % 250))]) : null;
            using var socket = await TcpStreams.ConnectAsync(rig.RelayEndPoint, token, from);
            // Half of them within TLS, where that is on; the others are plain on a port for TLS.
            await using Stream stream = TestTls.IsOn && number / Kinds.Length % 2 == 0
                ? await TestTls.OverTlsAsync(socket, TestTls.Relay, token)
                : new NetworkStream(socket, ownsSocket: false);
            var sending = SendAsync(stream, opening, more, token);
            var buffer = new byte[1024];
            while (await stream.ReadAsync(buffer, token) > 0)
                continue;
            stream.Close();
            socket.Close();
            await sending;
        }
        catch (Exception end) when (end is SocketException or IOException)
        {
            // Being thrown out, or never let in, is what it deserves.
        }
    }

    private static async Task SendAsync(Stream stream, string opening, string more, CancellationToken token)
    {
        try
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(opening), token);
            while (more.Length > 0)
                await stream.WriteAsync(Encoding.Latin1.GetBytes(more), token);
        }
        catch (Exception end) when (end is IOException or ObjectDisposedException)
        {
            // The relay has ended it; the receiver has seen that too.
        }
    }
}
