using NUnit.Framework;
using Ptth.Relay.Admission;

namespace Ptth.Tests.Admission;

/// <summary>How many lines strangers can cause.</summary>
internal sealed class LogThrottleTests
{
    [Test]
    public void Twenty_lines_in_ten_seconds_and_the_next_tells_how_many_were_left_out()
    {
        var throttle = new LogThrottle();
        for (int i = 0; i < 20; i++) Assert.That((throttle.TryTake(1_000 + i, out int none), none), Is.EqualTo((true, 0)));
        for (int i = 0; i < 3; i++) Assert.That(throttle.TryTake(10_999, out _), Is.False);

        Assert.That((throttle.TryTake(11_000, out int leftOut), leftOut), Is.EqualTo((true, 3)));
        Assert.That((throttle.TryTake(11_000, out leftOut), leftOut), Is.EqualTo((true, 0)));
    }
}
