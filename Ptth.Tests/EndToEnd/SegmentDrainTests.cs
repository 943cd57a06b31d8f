using NUnit.Framework;
using Ptth.Tests.Support;

namespace Ptth.Tests.EndToEnd;

/// <summary>A relay that drains goes on taking the segments of open tunnels, on new connections too, until those have ended.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class SegmentDrainTests : SegmentTunnelTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    [Test]
    [CancelAfter(60_000)]
    public async Task A_tunnel_goes_on_to_its_end_while_the_relay_drains([Values] bool isDirect, CancellationToken token)
    {
        (TunnelRig rig, ProxiedRelay path) = await StartRelayAsync(token, new RigPlan { Certificate = null, RelayDrainSeconds = 60 });
        if (isDirect) path.EndPoint = rig.RelayEndPoint;
        TunnelTransfer transfer = await BeginAsync(path, token);
        await transfer.GoesOnAsync(8 * MiB);

        rig.Relay.Send(RunningProgram.Signal.Terminate);
        await rig.Relay.WaitForLineAsync("raining");
        await transfer.GoesOnAsync(32 * MiB);
        await FinishAsync(path, transfer);

        await rig.Relay.WaitForLineAsync("stopped; 0 tunnels were broken off");
        Assert.That(await rig.Relay.WaitForExitAsync(Soon), Is.Zero);
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_relay_that_is_to_hand_its_sockets_over_keeps_them_until_a_tunnel_has_ended([Values] bool isDirect, CancellationToken token)
    {
        (TunnelRig rig, ProxiedRelay path) = await StartRelayAsync(token, new RigPlan { Certificate = null, RelayDrainSeconds = 60, RelayIsManaged = true });
        if (isDirect) path.EndPoint = rig.RelayEndPoint;
        TcpService service = await StartProxiesAsync(path);
        TunnelTransfer transfer = await BeginAsync(path, service, token);
        await transfer.GoesOnAsync(8 * MiB);

        RunningProgram old = rig.Relay;
        old.Send(RunningProgram.Signal.Terminate);
        Task starting = rig.StartRelayAsync();
        await rig.Relay.WaitForLineAsync("it is waited for");
        await transfer.GoesOnAsync(32 * MiB);
        await FinishAsync(path, transfer);

        await old.WaitForLineAsync("stopped; 0 tunnels were broken off");
        Assert.That(await old.WaitForExitAsync(Soon), Is.Zero);
        await starting;
        transfer = await BeginAsync(path, service, token);
        await transfer.GoesOnAsync(MiB);
        await transfer.FinishAsync();
    }
}
