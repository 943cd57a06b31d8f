using System.Runtime.CompilerServices;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using Ptth.Http.Flow;
using Ptth.Tests.Support;

namespace Ptth.Tests.Flow;

/// <summary>
/// Flows that keep to a rate. The clock is the test's, and everything else is at once, since none moves as much as after which it would
/// let others have its thread.
/// </summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class FlowPaceTests : InProcessTest
{
    private readonly FakeTimeProvider _time = new();

    [TestCase(1024)]
    [TestCase(10_000)]
    [TestCase(150_000)]
    public void A_rate_is_kept_and_used(int rate)
    {
        Http.Flow.Flow flow = Endless(new RateLimit(rate, _time)).Flow;
        Task<FlowResult> running = flow.RunAsync();
        // An idle limit has saved an eighth of a second's bytes, and a piece is moved before it is paid.
        long ahead = 2 * Math.Max(1024, rate / 8);
        Assert.That(flow.Bytes, Is.AtMost(ahead + (rate / 100)));
        for (int second = 1; second <= 5; second++)
        {
            // Not by whole waits, so that some end late.
            for (int step = 0; step < 40; step++) _time.Advance(TimeSpan.FromMilliseconds(25));
            Assert.That(flow.Bytes, Is.InRange(((long)rate * second) - ahead, ((long)rate * second) + ahead + (rate / 100)), $"after {second} s");
        }

        Assert.That(running.IsCompleted, Is.False);
    }

    [Test]
    public void Pieces_are_small_so_that_a_slow_rate_is_smooth()
    {
        Http.Flow.Flow flow = Endless(new RateLimit(80_000, _time)).Flow;
        _ = flow.RunAsync();
        long before = flow.Bytes;
        for (int i = 0; i < 20; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(126));
            Assert.That(flow.Bytes - before, Is.InRange(1, 10_000));
            before = flow.Bytes;
        }
    }

    [Test]
    public void Two_flows_share_a_limit_evenly()
    {
        var limit = new RateLimit(100_000, _time);
        Http.Flow.Flow one = Endless(limit).Flow, other = Endless(limit).Flow;
        _ = one.RunAsync();
        _ = other.RunAsync();
        for (int step = 0; step < 100; step++) _time.Advance(TimeSpan.FromMilliseconds(100));

        Assert.That(one.Bytes + other.Bytes, Is.InRange(950_000, 1_050_000));
        Assert.That((double)one.Bytes / other.Bytes, Is.InRange(0.9, 1.1));
    }

    [Test]
    public void A_flow_keeps_to_the_lowest_of_its_limits()
    {
        var shared = new RateLimit(100_000, _time);
        Http.Flow.Flow slow = Endless(shared, new RateLimit(10_000, _time)).Flow, fast = Endless(shared).Flow;
        _ = slow.RunAsync();
        _ = fast.RunAsync();
        for (int step = 0; step < 100; step++) _time.Advance(TimeSpan.FromMilliseconds(100));

        Assert.That(slow.Bytes, Is.InRange(90_000, 105_000));
        Assert.That(fast.Bytes, Is.InRange(850_000, 950_000));
    }

    [Test]
    public void The_more_flows_wait_the_smaller_their_pieces()
    {
        var limit = new RateLimit(1_000_000, _time);
        Http.Flow.Flow[] flows = [.. Enumerable.Range(0, 200).Select(_ => Endless(limit).Flow)];
        foreach (Http.Flow.Flow flow in flows) _ = flow.RunAsync();
        for (int step = 0; step < 50; step++) _time.Advance(TimeSpan.FromMilliseconds(100));
        long[] before = [.. flows.Select(static flow => flow.Bytes)];
        for (int step = 0; step < 20; step++) _time.Advance(TimeSpan.FromMilliseconds(100));

        // 5,000 bytes a second each, in pieces of 1 KiB: none of them stands still for long.
        Assert.That(flows.Select((flow, i) => flow.Bytes - before[i]), Is.All.InRange(5_000, 15_000));
    }

    [Test]
    public async Task Many_short_flows_are_no_faster_than_a_long_one()
    {
        var limit = new RateLimit(10_000, _time);
        int ended = 0;
        for (int i = 0; i < 10; i++)
        {
            Task<FlowResult> running = Ending(new byte[10_000], limit).RunAsync();
            for (; !running.IsCompleted && ended < 200; ended++) _time.Advance(TimeSpan.FromMilliseconds(100));
            Assert.That((await running).IsClean, Is.True);
        }

        // 100,000 bytes at 10,000 a second; the last of them was moved before it was paid.
        Assert.That(ended, Is.InRange(80, 105));
    }

    [Test]
    public void A_flow_that_waits_for_its_turn_holds_no_buffer()
    {
        Http.Flow.Flow flow = Endless(new RateLimit(10_000, _time)).Flow;
        _ = flow.RunAsync();
        Assert.That(Scratch(flow), Is.Null);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.That((flow.Bytes > 0, Scratch(flow)), Is.EqualTo((true, (FlowScratch?)null)));
    }

    [Test]
    public async Task Cancelling_ends_the_wait_at_once()
    {
        (Http.Flow.Flow flow, FlowPace pace, InProcessChannel source) = Endless(new RateLimit(1024, _time));
        Task<FlowResult> running = flow.RunAsync();
        Assert.That((pace.IsWaiting, running.IsCompleted), Is.EqualTo((true, false)));
        source.Fails = true;

        pace.Cancel();

        Assert.That((pace.IsWaiting, running.IsCompleted), Is.EqualTo((false, true)));
        Assert.That((await running).End, Is.EqualTo(FlowEnd.SourceFailed));
        _time.Advance(TimeSpan.FromMinutes(1));
    }

    [Test]
    public async Task The_end_of_a_paced_flow_is_clean([Values] SourceKind source, [Values] SinkKind sink)
    {
        FlowCase paced = FlowCase.Random(Seed, source, sink);
        paced.Pace = () => new FlowPace(_time, new RateLimit(20_000, _time));
        Task arriving = paced.AssertArrivesAsync();
        await _time.AdvanceUntilAsync(arriving, TimeSpan.FromMilliseconds(200), "all of it arrived", CancellationToken.None);
        await arriving;
    }

    private (Http.Flow.Flow Flow, FlowPace Pace, InProcessChannel Source) Endless(params RateLimit[] limits)
    {
        InProcessChannel source = Own(new InProcessChannel([new byte[64 * 1024]], ChannelEnd.Never) { RepeatsForEver = true });
        var pace = new FlowPace(_time, limits);
        return (new Http.Flow.Flow(new RawSource(source), new RawSink(Own(new InProcessChannel { KeepsNothing = true })), pace), pace, source);
    }

    private Http.Flow.Flow Ending(byte[] payload, RateLimit limit) => new(
        new RawSource(Own(new InProcessChannel([payload], ChannelEnd.Fin))), new RawSink(Own(new InProcessChannel())), new FlowPace(_time, limit));

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_scratch")]
    private static extern ref FlowScratch? Scratch(Http.Flow.Flow flow);
}
