using System.Net;
using System.Net.Sockets;
using NUnit.Framework;
using Ptth.Tests.Support;

namespace Ptth.Tests.EndToEnd;

/// <summary>
/// Each of the five parties is killed in mid-stream. The others see a broken stream within 2 s, never a clean end;
/// the relay keeps nothing; and what comes back works again, without anybody touching the others.
/// </summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[NonParallelizable]
internal sealed class FaultTests : EndToEndTest
{
    private const int MiB = 1024 * 1024;
    private const string Stream = "stream";
    private const string Echo = "echo";

    private static readonly TimeSpan BreakBound = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ReturnBound = TimeSpan.FromSeconds(40);

    /// <summary>Where bytes flow when the party is killed.</summary>
    public enum Traffic
    {
        /// <summary>From the client to the server alone.</summary>
        Up,

        /// <summary>From the server to the client alone.</summary>
        Down,

        /// <summary>Both ways.</summary>
        Both,
    }

    [Test]
    [CancelAfter(120_000)]
    public Task The_client_side_proxy_is_killed([Values] Traffic traffic, CancellationToken token) =>
        KillAsync(traffic, rig => rig.ClientProxy, rig => rig.StartClientProxyAsync(), token);

    [Test]
    [CancelAfter(120_000)]
    public Task The_server_side_proxy_is_killed([Values] Traffic traffic, CancellationToken token) =>
        KillAsync(traffic, rig => rig.ServerProxy, rig => rig.StartServerProxyAsync(), token);

    [Test]
    [CancelAfter(120_000)]
    public Task The_relay_is_killed([Values] Traffic traffic, CancellationToken token) =>
        KillAsync(traffic, rig => rig.Relay, rig => rig.StartRelayAsync(), token);

    [Test]
    [CancelAfter(120_000)]
    public async Task The_TCP_client_is_killed(CancellationToken token)
    {
        using var service = new TcpService();
        var (rig, before) = await StartAsync(service.EndPoint, token);
        var netcat = Netcat.Connect(Scope, rig.Forward(Stream));
        using var server = await service.AcceptAsync(token);

        await KillPeerAsync(server, netcat, token);

        await rig.RelaySocketsFallToAsync(before, token);
        await WorksAgainAsync(rig, token);
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task The_TCP_server_is_killed(CancellationToken token)
    {
        var (endPoint, netcat) = await Netcat.ListenAsync(Scope);
        var (rig, before) = await StartAsync(endPoint, token);
        using var client = await rig.ConnectAsync(Stream, token);

        await KillPeerAsync(client, netcat, token);

        await rig.RelaySocketsFallToAsync(before, token);
        await WorksAgainAsync(rig, token);
    }

    /// <summary>The same for one who speaks HTTP itself: a body without its last chunk, as curl tells it.</summary>
    [Test]
    [CancelAfter(120_000)]
    public async Task A_broken_body_lacks_its_last_chunk(
        [Values("relay killed", "server-side proxy killed", "TCP server resets")] string fault, CancellationToken token)
    {
        using var service = new TcpService();
        var (rig, _) = await StartAsync(service.EndPoint, token);
        var pattern = Scope.NewPattern();
        var curl = Scope.Start(
            "curl",
            "curl",
            ["-sS", "-N", "-X", "POST", .. rig.CurlTrust, .. Curl.Authorization(rig.ClientKey), "-o", "/dev/null", rig.RelayUrl + rig.ConnectPath(Stream)]);
        using var server = await service.AcceptAsync(token);
        var sender = new PatternSender(server, pattern, token);
        await Eventually.HoldsAsync(() => sender.Sent > 64 * MiB, () => "the stream flows", TimeSpan.FromSeconds(30), token);

        switch (fault)
        {
            case "relay killed":
                await rig.Relay.KillAsync();
                break;
            case "server-side proxy killed":
                await rig.ServerProxy.KillAsync();
                break;
            default:
                server.Reset();
                break;
        }

        var exitCode = await curl.WaitForExitAsync(BreakBound);

        // 18: the transfer ended before its end; 56: the connection was reset.
        Assert.That(exitCode, Is.EqualTo(18).Or.EqualTo(56), curl.Log.Text);
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Idle_proxies_come_back_when_the_relay_returns(CancellationToken token)
    {
        using var service = new TcpService();
        var (rig, _) = await StartAsync(service.EndPoint, token);

        for (var times = 0; times < 2; times++)
        {
            await rig.Relay.KillAsync();

            // With no relay a connection is taken and broken, not left waiting and not ended cleanly.
            var end = await TcpStreams.ConnectAndReadAsync(rig.Forward(Echo), token);
            Assert.That(end, Is.EqualTo(new StreamEnd(0, EndKind.Broken)));

            await rig.StartRelayAsync();
            await WorksAgainAsync(rig, token);
        }

        using (Assert.EnterMultipleScope())
        {
            Assert.That(rig.ServerProxy.IsRunning, Is.True);
            Assert.That(rig.ClientProxy.IsRunning, Is.True);
        }
    }

    private async Task KillAsync(
        Traffic traffic, Func<TunnelRig, RunningProgram> choose, Func<TunnelRig, Task> startAgain, CancellationToken token)
    {
        using var service = new TcpService();
        var (rig, before) = await StartAsync(service.EndPoint, token);
        var killed = choose(rig);
        using var client = await rig.ConnectAsync(Stream, token);
        using var server = await service.AcceptAsync(token);
        var atClient = new TunnelEnd(client, traffic != Traffic.Down ? Scope.NewPattern() : null, token);
        var atServer = new TunnelEnd(server, traffic != Traffic.Up ? Scope.NewPattern() : null, token);
        atClient.Read(atServer.Pattern);
        atServer.Read(atClient.Pattern);
        if (traffic != Traffic.Down)
            await atServer.ReceivedAsync(4 * MiB);
        if (traffic != Traffic.Up)
            await atClient.ReceivedAsync(4 * MiB);

        await killed.KillAsync();
        await Task.WhenAll(atClient.AssertBrokenAsync("client", BreakBound), atServer.AssertBrokenAsync("server", BreakBound));

        if (killed != rig.Relay)
            await rig.RelaySocketsFallToAsync(before, token);
        await startAgain(rig);
        await WorksAgainAsync(rig, token);
    }

    /// <summary>Kills a netcat that sends and has bytes unread, and sees its peer's stream break.</summary>
    private async Task KillPeerAsync(Socket survivor, RunningProgram netcat, CancellationToken token)
    {
        // Netcat stops sending once it waits for its own output, which can be as soon as it has received something: what it is to send comes first.
        var end = new TunnelEnd(survivor, null, token);
        end.Read(null);
        await end.ReceivedAsync(MiB);
        await end.Send(Scope.NewPattern()).StallsAsync(TimeSpan.FromMilliseconds(500), token);

        await netcat.KillAsync();

        await end.AssertBrokenAsync("survivor", BreakBound);
    }

    private async Task<(TunnelRig Rig, long SocketsBefore)> StartAsync(IPEndPoint target, CancellationToken token)
    {
        var echo = Scope.Own(TcpService.Echo());
        var rig = await TunnelRig.StartAsync(Scope, new RigPlan { Targets = { [Stream] = target, [Echo] = echo.EndPoint } }, token);
        await WorksAgainAsync(rig, token);
        return (rig, await rig.SettledRelaySocketsAsync(token));
    }

    /// <summary>Waits until a new connection carries bytes there and back and ends cleanly.</summary>
    private async Task WorksAgainAsync(TunnelRig rig, CancellationToken token)
    {
        var content = Scope.Faker.Random.Bytes(1_000);
        var last = "nothing tried";
        await Eventually.HoldsAsync(
            async () =>
            {
                try
                {
                    using var socket = await rig.ConnectAsync(Echo, token);
                    await socket.SendAllAsync(content, token);
                    socket.Shutdown(SocketShutdown.Send);
                    var echoed = await socket.ReceiveToEndAsync(token);
                    last = $"{echoed.Length} bytes came back";
                    return echoed.SequenceEqual(content);
                }
                catch (SocketException e)
                {
                    last = e.Message;
                    return false;
                }
            },
            () => $"a new tunnel works; {last}",
            ReturnBound,
            token);
    }
}
