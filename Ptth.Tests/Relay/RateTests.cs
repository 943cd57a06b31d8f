using NUnit.Framework;
using Ptth.Relay.Configuration;
using Ptth.Relay.Tunnels;
using Ptth.Tests.Support;

namespace Ptth.Tests.Relay;

/// <summary>How fast tunnels may be.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class RateTests : InProcessTest
{
    /// <summary>At the lowest rate a piece is this long, and takes a second.</summary>
    private const int Piece = 1024;

    [Test]
    [CancelAfter(30_000)]
    public async Task A_tunnels_two_directions_share_its_limit(CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay(new RelayLimits { BytesPerSecondPerTunnel = 1024 }));
        InProcessTunnel tunnel = await InProcessTunnel.OpenAsync(relay, token);
        await tunnel.AssertCarriesAsync(token);
        Tunnel inside = relay.TunnelOf(tunnel.Id);

        await tunnel.Upstream.SendChunkAsync(new string('u', 20 * Piece), token);
        await tunnel.Downstream.SendChunkAsync(new string('d', 20 * Piece), token);
        await InProcessWait.UntilAsync(() => inside.Up.IsPaced && inside.Down.IsPaced, "both wait for their turn", token);
        long before = inside.Up.Bytes + inside.Down.Bytes;
        await AdvanceAsync(10);

        Assert.That(inside.Up.Bytes + inside.Down.Bytes - before, Is.InRange(8 * Piece, 12 * Piece));
        Assert.That(Math.Abs(inside.Up.Bytes - inside.Down.Bytes), Is.AtMost(2 * Piece));

        async Task AdvanceAsync(int seconds)
        {
            for (int i = 0; i < seconds * 10; i++)
            {
                relay.Advance(0.1);
                // What was let go is moved by the sockets' threads.
                await InProcessWait.UntilAsync(() => inside.Up.IsPaced && inside.Down.IsPaced, "both wait for their turn", token);
            }
        }
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_clients_tunnels_share_its_limit_and_wait_without_idling(CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay(
            new RelayLimits { BytesPerSecondPerClient = 1024 }, new RelayTimeouts { Idle = TimeSpan.FromSeconds(3) }));
        List<InProcessTunnel> tunnels = [];
        for (int i = 0; i < 8; i++) tunnels.Add(await InProcessTunnel.OpenAsync(relay, token));
        foreach (InProcessTunnel tunnel in tunnels) await tunnel.Upstream.SendChunkAsync(new string('u', 40 * Piece), token);
        TunnelDirection[] up = [.. tunnels.Select(tunnel => relay.TunnelOf(tunnel.Id).Up)];
        await InProcessWait.UntilAsync(() => tunnels.All(tunnel => relay.TunnelOf(tunnel.Id).Down.IsAttached), "all streams are attached", token);
        await InProcessWait.UntilAsync(() => up.All(static one => one.IsPaced), "all wait for their turn", token);
        long before = up.Sum(static one => one.Bytes);

        // Each has its turn every eight seconds, which is longer than a tunnel may idle.
        for (int i = 0; i < 240; i++)
        {
            relay.Advance(0.1);
            await InProcessWait.UntilAsync(() => up.All(static one => one.IsPaced), "all wait for their turn", token);
        }

        Assert.That(up.Sum(static one => one.Bytes) - before, Is.InRange(22 * Piece, 26 * Piece));
        Assert.That(tunnels.Select(tunnel => relay.TunnelOf(tunnel.Id).End), Is.All.Null);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_client_may_have_a_limit_of_its_own_or_none(CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay(new RelayLimits { BytesPerSecondPerClient = 1024 }, change: static (config, _) => config with
        {
            Clients = [.. config.Clients.Select(static client => client with { BytesPerSecond = 0 })],
        }));
        InProcessTunnel tunnel = await InProcessTunnel.OpenAsync(relay, token);

        await tunnel.AssertCarriesUpAsync(new string('u', 100 * Piece), token);
        await tunnel.AssertCarriesDownAsync(new string('d', 100 * Piece), token);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_tunnel_that_breaks_while_it_waits_for_its_turn_is_cut_off_at_once(CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay(new RelayLimits { BytesPerSecondPerTunnel = 1024 }));
        InProcessTunnel tunnel = await InProcessTunnel.OpenAsync(relay, token);
        await tunnel.AssertCarriesAsync(token);
        TunnelDirection up = relay.TunnelOf(tunnel.Id).Up;
        await tunnel.Upstream.SendChunkAsync(new string('u', 20 * Piece), token);
        await InProcessWait.UntilAsync(() => up.IsPaced, "it waits for its turn", token);

        tunnel.Connect.Reset();

        Assert.That((await tunnel.Downstream.ReadToEndAsync(token)).End, Is.EqualTo(PeerEnd.Reset));
        Assert.That((await tunnel.Upstream.ReadToEndAsync(token)).End, Is.EqualTo(PeerEnd.Reset));
        await InProcessWait.UntilAsync(() => relay.Context.Tunnels.Open == 0, "the tunnel has ended, without the clock", token);
    }
}
