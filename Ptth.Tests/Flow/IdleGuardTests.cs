using NUnit.Framework;
using Ptth.Http.Flow;

namespace Ptth.Tests.Flow;

/// <summary>When a tunnel has rested for too long.</summary>
internal sealed class IdleGuardTests
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(100);
    private static readonly TimeSpan HalfClosed = TimeSpan.FromSeconds(10);

    [Test]
    public void At_the_limit_and_one_before([Values] bool halfClosed)
    {
        var guard = new IdleGuard(Idle, HalfClosed);
        long limit = (long)(halfClosed ? HalfClosed : Idle).TotalMilliseconds;

        Assert.That(guard.IsExpired(1_000, 0, halfClosed), Is.False);
        Assert.That(guard.IsExpired(1_000 + limit - 1, 0, halfClosed), Is.False);
        Assert.That(guard.IsExpired(1_000 + limit, 0, halfClosed), Is.True);
    }

    [Test]
    public void Each_byte_begins_the_time_anew()
    {
        var guard = new IdleGuard(Idle, HalfClosed);
        guard.IsExpired(0, 0, halfClosed: false);

        Assert.That(guard.IsExpired(99_000, 1, halfClosed: false), Is.False);
        Assert.That(guard.IsExpired(198_000, 1, halfClosed: false), Is.False);
        Assert.That(guard.IsExpired(199_000, 1, halfClosed: false), Is.True);
    }

    [Test]
    public void The_end_of_one_direction_begins_the_shorter_time()
    {
        var guard = new IdleGuard(Idle, HalfClosed);
        guard.IsExpired(0, 7, halfClosed: false);

        Assert.That(guard.IsExpired(50_000, 7, halfClosed: true), Is.False);
        Assert.That(guard.IsExpired(59_999, 7, halfClosed: true), Is.False);
        Assert.That(guard.IsExpired(60_000, 7, halfClosed: true), Is.True);
    }

    [Test]
    public void A_time_that_is_turned_off_never_ends([Values] bool halfClosed)
    {
        var guard = new IdleGuard(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        guard.IsExpired(0, 0, halfClosed);

        Assert.That(guard.IsExpired(long.MaxValue, 0, halfClosed), Is.False);
    }
}
