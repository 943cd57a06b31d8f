using System.Diagnostics;
using System.Net.Sockets;
using NUnit.Framework;
using Ptth.Tests.Support;

namespace Ptth.Tests.EndToEnd;

/// <summary>SIGTERM and SIGINT drain: nothing new, what is open may finish in time, exit code 0.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class DrainTests : EndToEndTest
{
    private const int MiB = 1024 * 1024;

    /// <summary>Much less than the drains that may not be waited for, and a machine that is busy.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    [Test]
    [CancelAfter(60_000)]
    public async Task A_draining_relay_refuses_new_tunnels_and_lets_open_ones_finish(
        [Values(RunningProgram.Signal.Terminate, RunningProgram.Signal.Interrupt)] RunningProgram.Signal signal, CancellationToken token)
    {
        using var service = new TcpService();
        var (rig, client, server) = await OpenAsync(service, new RigPlan { RelayDrainSeconds = 30 }, token);

        rig.Relay.Send(signal);
        await Eventually.HoldsAsync(
            async () => (await Curl.AskAsync(rig, "GET", "/v1/health", null, token)).Status == 503,
            () => "health is 503",
            TimeSpan.FromSeconds(5),
            token);
        var refused = await Curl.AskAsync(rig, "POST", rig.ConnectPath("plain"), rig.ClientKey, token);
        Assert.That(refused.Status, Is.EqualTo(503), refused.Body);
        Assert.That(refused.Fields, Does.ContainKey("Retry-After"));

        await FinishAsync(client, server, token);

        Assert.That(await rig.Relay.WaitForExitAsync(Soon), Is.Zero);
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_tunnel_that_outlives_the_drain_is_broken(
        [Values("relay", "server-side proxy", "client-side proxy")] string party, CancellationToken token)
    {
        using var service = new TcpService();
        var (rig, client, server) = await OpenAsync(service, new RigPlan { RelayDrainSeconds = 1, ProxyDrainSeconds = 1 }, token);
        var program = Choose(rig, party);
        var clock = Stopwatch.StartNew();

        program.Send(RunningProgram.Signal.Terminate);
        var ends = await Task.WhenAll(client.ReceivePatternAsync(null, token), server.ReceivePatternAsync(null, token));

        Assert.That(ends, Is.All.EqualTo(new StreamEnd(0, EndKind.Broken)));
        Assert.That(await program.WaitForExitAsync(Soon), Is.Zero);
        Assert.That(clock.Elapsed.TotalSeconds, Is.InRange(0.9, 5));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_second_signal_ends_at_once(
        [Values("relay", "server-side proxy", "client-side proxy")] string party, CancellationToken token)
    {
        using var service = new TcpService();
        var (rig, client, server) = await OpenAsync(service, new RigPlan { RelayDrainSeconds = 300, ProxyDrainSeconds = 300 }, token);
        var program = Choose(rig, party);

        program.Send(RunningProgram.Signal.Terminate);
        await program.WaitForLineAsync("raining");
        program.Send(RunningProgram.Signal.Terminate);
        var ends = await Task.WhenAll(client.ReceivePatternAsync(null, token), server.ReceivePatternAsync(null, token));

        Assert.That(ends, Is.All.EqualTo(new StreamEnd(0, EndKind.Broken)));
        Assert.That(await program.WaitForExitAsync(Soon), Is.Zero);
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_draining_proxy_lets_its_open_tunnels_finish(
        [Values("server-side proxy", "client-side proxy")] string party, CancellationToken token)
    {
        using var service = new TcpService();
        var (rig, client, server) = await OpenAsync(service, new RigPlan { ProxyDrainSeconds = 30 }, token);
        var program = Choose(rig, party);

        program.Send(RunningProgram.Signal.Terminate);
        await program.WaitForLineAsync("raining");
        await FinishAsync(client, server, token);

        Assert.That(await program.WaitForExitAsync(Soon), Is.Zero);
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_draining_client_side_proxy_takes_no_new_connections(CancellationToken token)
    {
        using var service = new TcpService();
        var (rig, client, server) = await OpenAsync(service, new RigPlan { ProxyDrainSeconds = 30 }, token);

        rig.ClientProxy.Send(RunningProgram.Signal.Terminate);
        await Eventually.HoldsAsync(
            async () =>
            {
                try
                {
                    // One that still got in must not stay open: it would be a tunnel to wait for.
                    (await rig.ConnectAsync("plain", token)).Reset();
                    return false;
                }
                catch (SocketException e)
                {
                    return e.SocketErrorCode == SocketError.ConnectionRefused;
                }
            },
            () => "new connections are refused",
            TimeSpan.FromSeconds(5),
            token);

        await FinishAsync(client, server, token);
        Assert.That(await rig.ClientProxy.WaitForExitAsync(Soon), Is.Zero);
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Programs_with_nothing_open_end_at_once(CancellationToken token)
    {
        var plan = new RigPlan { Targets = { ["plain"] = FreePort.Take() }, RelayDrainSeconds = 60, ProxyDrainSeconds = 60 };
        var rig = await TunnelRig.StartAsync(Scope, plan, token);

        foreach (var program in new[] { rig.ClientProxy, rig.ServerProxy, rig.Relay })
        {
            program.Send(RunningProgram.Signal.Terminate);
            Assert.That(await program.WaitForExitAsync(Soon), Is.Zero, program.Name);
        }
    }

    private static RunningProgram Choose(TunnelRig rig, string party) => party switch
    {
        "relay" => rig.Relay,
        "server-side proxy" => rig.ServerProxy,
        _ => rig.ClientProxy,
    };

    private async Task<(TunnelRig Rig, Socket Client, Socket Server)> OpenAsync(TcpService service, RigPlan plan, CancellationToken token)
    {
        plan.Targets["plain"] = service.EndPoint;
        var rig = await TunnelRig.StartAsync(Scope, plan, token);
        var client = Scope.Own(await rig.ConnectAsync("plain", token));
        var server = Scope.Own(await service.AcceptAsync(token));

        // Both directions have carried something: the tunnel is wholly open.
        var greeting = Scope.Faker.Random.Bytes(100);
        foreach (var (from, to) in new[] { (client, server), (server, client) })
        {
            await from.SendAllAsync(greeting, token);
            await to.ReceiveExactlyAsync(new byte[greeting.Length], token);
        }

        return (rig, client, server);
    }

    private async Task FinishAsync(Socket client, Socket server, CancellationToken token)
    {
        foreach (var (from, to) in new[] { (client, server), (server, client) })
        {
            var pattern = Scope.NewPattern();
            var received = to.ReceivePatternAsync(pattern, token);
            await from.SendPatternAsync(pattern, MiB, token);
            from.Shutdown(SocketShutdown.Send);
            Assert.That(await received, Is.EqualTo(new StreamEnd(MiB, EndKind.Clean)));
        }
    }
}
