using System.Text;
using NUnit.Framework;
using Ptth.Http.Core;
using Ptth.Relay;

namespace Ptth.Tests.Relay;

/// <summary>How long a party would like to wait.</summary>
internal sealed class PreferredWaitTests
{
    [TestCase("", 10)]
    [TestCase("Prefer: wait=7\r\n", 7)]
    [TestCase("prefer: WAIT = 7 ; x=y\r\n", 7)]
    [TestCase("Prefer: respond-async, wait=7\r\n", 7)]
    [TestCase("Prefer: respond-async\r\nPrefer: wait=7\r\n", 7)]
    [TestCase("Prefer: wait=7, wait=8\r\n", 7)]
    [TestCase("Prefer: wait=x, wait=8\r\n", 8)]
    [TestCase("Prefer: wait=007\r\n", 7)]
    [TestCase("Prefer: wait\r\n", 10)]
    [TestCase("Prefer: wait=\r\n", 10)]
    [TestCase("Prefer: wait=-1\r\n", 10)]
    [TestCase("Prefer: wait=+7\r\n", 10)]
    [TestCase("Prefer: wait=7.5\r\n", 10)]
    [TestCase("Prefer: wait=\"7\"\r\n", 10)]
    [TestCase("Prefer: await=7\r\n", 10)]
    [TestCase("X-Prefer: wait=7\r\n", 10)]
    [TestCase("Prefer: \r\n", 10)]
    public void Seconds_that_can_be_read_count(string fields, int expected) =>
        Assert.That(Of(fields, least: 0, most: 60), Is.EqualTo(TimeSpan.FromSeconds(expected)));

    [TestCase(0, 1)]
    [TestCase(1, 1)]
    [TestCase(2, 2)]
    [TestCase(300, 300)]
    [TestCase(301, 300)]
    [TestCase(999_999_999, 300)]
    public void They_are_kept_within_the_bounds(int asked, int expected) =>
        Assert.That(Of($"Prefer: wait={asked}\r\n", least: 1, most: 300), Is.EqualTo(TimeSpan.FromSeconds(expected)));

    [Test]
    public void More_digits_than_any_wait_has_mean_as_long_as_possible() =>
        Assert.That(Of("Prefer: wait=10000000000000000000000\r\n", least: 1, most: 300), Is.EqualTo(TimeSpan.FromSeconds(300)));

    private static TimeSpan Of(string fields, int least, int most)
    {
        HeadScan scan = default;
        RequestHead.TryRead(Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: a\r\n{fields}\r\n"), HttpLimits.Default, ref scan, out RequestHead? head, out _, out _);
        return PreferredWait.Of(head!.Fields, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(least), TimeSpan.FromSeconds(most));
    }
}
