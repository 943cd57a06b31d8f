using System.Diagnostics;
using System.Net.Sockets;
using NUnit.Framework;
using Ptth.Tests.Support;

namespace Ptth.Tests.EndToEnd;

/// <summary>
/// Tunnels whose bytes go in segments through an nginx that holds bodies back and bounds them, while that is killed, reloaded, or loses
/// connections: what was sent comes whole and once, with clean ends. What brings the other party's bytes is a stream, and breaks as ever.
/// </summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class SegmentFaultTests : SegmentTunnelTest
{
    private const int Times = 5;

    [Test]
    [CancelAfter(90_000)]
    public async Task An_nginx_that_takes_segments_is_killed_and_comes_back(CancellationToken token)
    {
        (TunnelRig rig, ProxiedRelay path) = await StartRelayAsync(token);
        RelayNginx forSegments = await StartNginxForSegmentsAsync(rig.RelayEndPoint);
        SegmentHop hop = PutHopInFront(path, forSegments);
        TunnelTransfer transfer = await BeginAsync(path, token);
        for (int i = 0; i < Times; i++)
        {
            await transfer.GoesOnAsync(8 * MiB);
            long refused = hop.Refused;
            await forSegments.Program.KillAsync();
            await Eventually.HoldsAsync(() => hop.Refused >= refused + 4, () => "both proxies find nobody there", TimeSpan.FromSeconds(10), token);
            await forSegments.StartAsync();
        }

        await FinishAsync(path, transfer, hop);
        Assert.That(hop.Lost, Is.GreaterThanOrEqualTo(Times));
    }

    [Test]
    [CancelAfter(90_000)]
    public async Task An_nginx_that_is_killed_breaks_tunnels_as_a_break_and_lets_new_ones_through_when_it_is_back(CancellationToken token)
    {
        (TunnelRig _, ProxiedRelay path) = await StartRelayAsync(token);
        TcpService service = await StartProxiesAsync(path);
        var clock = Stopwatch.StartNew();
        for (int i = 0; i < 3; i++)
        {
            (Socket local, Socket far) = await OpenAsync(path, service, token);
            TunnelEnd atLocal = new(local, Scope.NewPattern(), token), atFar = new(far, Scope.NewPattern(), token);
            atLocal.Read(atFar.Pattern);
            atFar.Read(atLocal.Pattern);
            await Task.WhenAll(atLocal.ReceivedAsync(MiB), atFar.ReceivedAsync(MiB));
            Assert.That(clock.Elapsed, Is.LessThan(TimeSpan.FromSeconds(5)));

            await path.Nginx.Program.KillAsync();
            await Task.WhenAll(
                atLocal.AssertBrokenAsync("client", TimeSpan.FromSeconds(2)), atFar.AssertBrokenAsync("server", TimeSpan.FromSeconds(2)));

            await path.Nginx.StartAsync();
            clock.Restart();
        }
    }

    [Test]
    [CancelAfter(90_000)]
    public async Task An_nginx_is_reloaded(CancellationToken token)
    {
        (TunnelRig _, ProxiedRelay path) = await StartRelayAsync(token, hasWorkers: true);
        TunnelTransfer transfer = await BeginAsync(path, token);
        for (int i = 0; i < Times; i++)
        {
            await transfer.GoesOnAsync(16 * MiB);
            await path.Nginx.ReloadAsync(token);
        }

        await FinishAsync(path, transfer);
    }

    [TestCase("")]
    [TestCase("keep_alive = 1\nmark_ends = true\nsegment_bytes = 300000")]
    [TestCase("segment_bytes = 16777216")]
    [CancelAfter(90_000)]
    public async Task Connections_are_cut_at_random_places(string keys, CancellationToken token)
    {
        (TunnelRig _, ProxiedRelay path) = await StartRelayAsync(token);
        SegmentHop hop = PutHopInFront(path, path.Nginx);
        hop.Fault = static (random, _, _) => random.Next(5) == 0 ? SegmentFault.Cut : SegmentFault.None;
        TunnelTransfer transfer = await BeginAsync(path, token, keys);
        await transfer.GoesOnAsync(50 * MiB);
        await FinishAsync(path, transfer, hop);
        Assert.That(hop.Lost, Is.Positive);
    }

    [Test]
    [CancelAfter(90_000)]
    public async Task Connections_to_the_relay_are_cut_where_it_has_handed_on_a_part([Values] bool isDirect, CancellationToken token)
    {
        (TunnelRig rig, ProxiedRelay path) = await StartRelayAsync(token);
        SegmentHop hop = Scope.Own(new SegmentHop(rig.RelayEndPoint, rig.RelayEndPoint, Scope.Faker.Random.Int()));
        hop.Fault = static (random, _, _) => random.Next(3) == 0 ? SegmentFault.Cut : SegmentFault.None;
        if (isDirect) path.EndPoint = hop.EndPoint;
        else PutHopInFront(path, await StartNginxForSegmentsAsync(hop.EndPoint));
        TunnelTransfer transfer = await BeginAsync(path, token);
        await transfer.GoesOnAsync(50 * MiB);
        await FinishAsync(path, transfer, hop);
        Assert.That(hop.Lost, Is.Positive);
    }

    [Test]
    [CancelAfter(90_000)]
    public async Task All_connections_that_carry_segments_are_cut_at_once(CancellationToken token)
    {
        (TunnelRig _, ProxiedRelay path) = await StartRelayAsync(token);
        SegmentHop hop = PutHopInFront(path, path.Nginx);
        TunnelTransfer transfer = await BeginAsync(path, token);
        // How many there are at a time depends on what else the machine does.
        while (hop.Lost < 50)
        {
            await transfer.GoesOnAsync(Scope.Faker.Random.Int(1, 2 * MiB));
            hop.CutSegments();
        }

        await FinishAsync(path, transfer, hop);
    }

    [Test]
    [CancelAfter(90_000)]
    public async Task Answers_are_lost_of_segments_that_were_taken_the_last_ones_too(CancellationToken token)
    {
        (TunnelRig _, ProxiedRelay path) = await StartRelayAsync(token);
        SegmentHop hop = PutHopInFront(path, path.Nginx);
        int last = 0;
        hop.Fault = (random, _, isLast) => (isLast ? last++ < 4 : random.Next(5) == 0) ? SegmentFault.AnswerLost : SegmentFault.None;
        TunnelTransfer transfer = await BeginAsync(path, token);
        await transfer.GoesOnAsync(50 * MiB);
        await FinishAsync(path, transfer, hop);
        Assert.That(hop.Lost, Is.Positive);
        Assert.That(last, Is.EqualTo(6));
    }

    [Test]
    [CancelAfter(90_000)]
    public async Task An_nginx_gives_up_on_segments_whose_receiver_stands_still(CancellationToken token)
    {
        (TunnelRig rig, ProxiedRelay path) = await StartRelayAsync(token);
        SegmentHop hop = PutHopInFront(path, await StartNginxForSegmentsAsync(rig.RelayEndPoint, "proxy_read_timeout 3s; proxy_send_timeout 3s;"));
        (Socket local, Socket far) = await OpenAsync(path, await StartProxiesAsync(path), token);
        Pattern pattern = Scope.NewPattern();
        var sender = new PatternSender(local, pattern, token);
        long taken = await sender.StallsAsync(TimeSpan.FromSeconds(1), token);

        // Real time is what is tested here: nginx gives up, and then more than the proxy waits for a relay that does not answer.
        Task rest = Task.Delay(TimeSpan.FromSeconds(18), token);
        Assert.That(await Task.WhenAny(rest, sender.Ended), Is.SameAs(rest), "it broke while the receiver stood still");
        Assert.That(sender.Sent, Is.EqualTo(taken));

        var atFar = new TunnelEnd(far, null, token);
        atFar.Read(pattern);
        await atFar.ReceivedAsync(taken + (16 * MiB));
    }

    private SegmentHop PutHopInFront(ProxiedRelay path, RelayNginx forSegments)
    {
        SegmentHop hop = Scope.Own(new SegmentHop(path.Nginx.EndPoint, forSegments.EndPoint, Scope.Faker.Random.Int()));
        path.EndPoint = hop.EndPoint;
        return hop;
    }
}
