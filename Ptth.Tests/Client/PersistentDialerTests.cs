using NUnit.Framework;
using Ptth.Http.Client;
using Ptth.Tests.Support;

namespace Ptth.Tests.Client;

/// <summary>The way to a relay that may be back at any moment; a path that really is gone is LivenessTests' affair.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class PersistentDialerTests : InProcessTest
{
    private static readonly TimeSpan DialTimeout = TimeSpan.FromSeconds(10);

    private readonly InProcessTime _time = new();

    [TestCase("127.0.0.1")]
    [TestCase("localhost")]
    [CancelAfter(30_000)]
    public async Task A_listener_is_reached_again_and_again(string host, CancellationToken token)
    {
        using var service = new TcpService();
        var dialer = new PersistentDialer(host, service.EndPoint.Port, DialTimeout, _time);
        for (int i = 0; i < 2; i++)
        {
            DialResult result = await dialer.DialAsync(token).ComesAsync(token);
            Assert.That(result.Socket, Is.Not.Null, result.Detail);
            Own(result.Socket!);
        }
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_refusal_is_an_answer(CancellationToken token)
    {
        var dialer = new PersistentDialer("127.0.0.1", FreePort.Take().Port, DialTimeout, _time);
        Assert.That((await dialer.DialAsync(token).ComesAsync(token)).Failure, Is.EqualTo(DialFailure.Refused));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Without_an_answer_others_begin_and_all_of_it_ends_at_the_time_out(CancellationToken token)
    {
        using var full = new FullListener();
        var dialer = new PersistentDialer("127.0.0.1", full.EndPoint.Port, DialTimeout, _time);
        Task<DialResult> dialing = dialer.DialAsync(token);
        for (int begun = 1; begun <= 5; begun++)
        {
            // Each has its bound, and the wait for the next one has begun.
            await UntilDialsAsync(full, begun, timers: begun + 1, token);
            Assert.That(dialing.IsCompleted, Is.False);
            _time.Advance(PersistentDialer.Step);
        }

        DialResult result = await dialing.ComesAsync(token);
        Assert.That((result.Failure, result.Detail), Is.EqualTo((DialFailure.TimedOut, $"{full.EndPoint}: no answer within 10 s")));
        await Eventually.HoldsAsync(() => full.HalfOpen() == 0, () => $"none is left, {full.HalfOpen()} seen", TimeSpan.FromSeconds(10), token);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Without_a_time_out_the_oldest_gives_way(CancellationToken token)
    {
        using var full = new FullListener();
        using var cancellation = new CancellationTokenSource();
        Task<DialResult> dialing = new PersistentDialer("127.0.0.1", full.EndPoint.Port, Timeout.InfiniteTimeSpan, _time).DialAsync(cancellation.Token);
        for (int begun = 1; begun <= PersistentDialer.MaxDials + 3; begun++)
        {
            await UntilDialsAsync(full, Math.Min(begun, PersistentDialer.MaxDials), timers: 1, token);
            _time.Advance(PersistentDialer.Step);
        }

        await cancellation.CancelAsync();
        Assert.That(async () => await dialing.ComesAsync(token), Throws.InstanceOf<OperationCanceledException>());
    }

    /// <summary>Waits until so many dials are under way, and so many timers wait.</summary>
    private Task UntilDialsAsync(FullListener full, int dials, int timers, CancellationToken token) => Eventually.HoldsAsync(
        () => full.HalfOpen() == dials && _time.Timers == timers,
        () => $"{dials} dials and {timers} timers, {full.HalfOpen()} and {_time.Timers} seen",
        TimeSpan.FromSeconds(10),
        token);
}
