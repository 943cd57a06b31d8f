using System.Diagnostics;
using System.Net.Sockets;
using NUnit.Framework;
using Ptth.Tests.Support;

namespace Ptth.Tests.EndToEnd;

/// <summary>
/// Whatever becomes of the path, the proxies serve again within 5 s of its return, and a peer that is gone is found. Real time and the
/// kernel's own timers are what is tested here: three hosts, each a network namespace.
/// </summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
[Platform("Linux")]
internal sealed class LivenessTests : EndToEndTest
{
    private const double ReturnSeconds = 5;

    /// <summary>20 s of silence, looked at each 5 s, once a second at the other end; and a machine that is busy.</summary>
    private const double BusySeconds = 30;

    private const double IdleSeconds = 60;

    [TestCase("client")]
    [TestCase("server")]
    [CancelAfter(90_000)]
    public async Task A_cable_is_out_for_a_while(string host, CancellationToken token)
    {
        LivenessRig rig = await LivenessRig.StartAsync(Scope, token);
        await rig.Hosts.PlugAsync(host, isIn: false, token);
        await Task.Delay(TimeSpan.FromSeconds(20), token);
        await rig.Hosts.PlugAsync(host, isIn: true, token);

        await AssertServesAgainAsync(rig, $"{host}'s cable was out for 20 s", token);
    }

    [TestCase("client")]
    [TestCase("server")]
    [CancelAfter(110_000)]
    public async Task A_host_is_silent(string host, CancellationToken token)
    {
        LivenessRig rig = await LivenessRig.StartAsync(Scope, token);
        using Socket idle = await rig.OpenAsync(token), busy = await rig.OpenAsync(token);
        await rig.Hosts.SilenceAsync(host, token);
        var clock = Stopwatch.StartNew();
        // The proxy sends it on, and nothing comes back.
        Task<TimeSpan> idleBreaks = BreaksAsync(idle, clock, token), busyBreaks = BreaksAsync(busy, clock, token);
        await busy.SendAllAsync(new byte[100], token);

        TimeSpan busyTaken = await busyBreaks, idleTaken = await idleBreaks;
        await TestContext.Out.WriteLineAsync($"{host} silent: found after {busyTaken.TotalSeconds:0.0} s with bytes, {idleTaken.TotalSeconds:0.0} s without");
        Assert.That(busyTaken.TotalSeconds, Is.LessThan(BusySeconds));
        Assert.That(idleTaken.TotalSeconds, Is.LessThan(IdleSeconds));
        await rig.Hosts.EndSilenceAsync(token);
        await AssertServesAgainAsync(rig, $"{host} was silent for {clock.Elapsed.TotalSeconds:0} s", token);
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_NAT_forgets_all_connections(CancellationToken token)
    {
        LivenessRig rig = await LivenessRig.StartAsync(Scope, token);
        // So that what waits has rested.
        await Task.Delay(TimeSpan.FromSeconds(3), token);
        await rig.ForgetConnectionsAsync(token);

        await AssertServesAgainAsync(rig, "all connections were forgotten", token);
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Proxies_that_were_asleep_find_their_connections_forgotten(CancellationToken token)
    {
        LivenessRig rig = await LivenessRig.StartAsync(Scope, token);
        RunningProgram[] proxies = [rig.ServerProxy, rig.ClientProxy];
        foreach (RunningProgram proxy in proxies) proxy.Send(RunningProgram.Signal.Stop);
        await rig.ForgetConnectionsAsync(token);
        await Task.Delay(TimeSpan.FromSeconds(20), token);
        foreach (RunningProgram proxy in proxies) proxy.Send(RunningProgram.Signal.Continue);

        await AssertServesAgainAsync(rig, "the proxies had slept for 20 s", token);
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_relay_is_killed_and_started_again(CancellationToken token)
    {
        LivenessRig rig = await LivenessRig.StartAsync(Scope, token);
        await rig.Relay.KillAsync();
        await Task.Delay(TimeSpan.FromSeconds(15), token);
        await rig.StartRelayAsync(0);

        await AssertServesAgainAsync(rig, "the relay was away for 15 s", token);
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_relay_moves_to_another_address(CancellationToken token)
    {
        LivenessRig rig = await LivenessRig.StartAsync(Scope, token);
        await rig.Hosts.SilenceAsync(NetworkHosts.RelayAddresses[0], token);
        await rig.StartRelayAsync(1);
        await Task.Delay(TimeSpan.FromSeconds(10), token);
        await rig.Hosts.NameRelayAsync(NetworkHosts.RelayAddresses[1], token);

        await AssertServesAgainAsync(rig, "the relay's name leads to another address", token);
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_server_that_comes_back_takes_the_place_of_its_old_self(CancellationToken token)
    {
        // As many as it has: the old ones fill it.
        LivenessRig rig = await LivenessRig.StartAsync(Scope, token, limits: "max_waiting_listens_per_server = 4");
        await rig.ForgetConnectionsAsync(token);
        await rig.ServerProxy.KillAsync();
        var clock = Stopwatch.StartNew();
        await rig.StartServerProxyAsync();
        TimeSpan ready = clock.Elapsed;

        await AssertServesAgainAsync(rig, $"another server-side proxy, ready after {ready.TotalSeconds:0.0} s", token);
        Assert.That(rig.ServerProxy.Log.Text, Does.Not.Contain("429"));
    }

    private static async Task AssertServesAgainAsync(LivenessRig rig, string after, CancellationToken token)
    {
        TimeSpan taken = await rig.ServesAgainAsync(token);
        await TestContext.Out.WriteLineAsync($"{after}: served again after {taken.TotalSeconds:0.0} s");
        Assert.That(taken.TotalSeconds, Is.LessThan(ReturnSeconds));
    }

    private static async Task<TimeSpan> BreaksAsync(Socket socket, Stopwatch clock, CancellationToken token)
    {
        try
        {
            int received = await socket.ReceiveAsync(new byte[1], token);
            Assert.Fail(received == 0 ? "it ended as if all were said" : "bytes came");
        }
        catch (SocketException)
        {
            // As it should.
        }

        return clock.Elapsed;
    }
}
