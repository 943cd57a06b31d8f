using System.Net;
using NUnit.Framework;
using Ptth.Relay.Admission;

namespace Ptth.Tests.Admission;

/// <summary>How long an address is to stay away whose requests have no good key.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class FailedAuthenticationsTests
{
    private static readonly IPEndPoint Here = new(IPAddress.Parse("192.0.2.7"), 1);

    private readonly FailedAuthentications _failures = new(3);
    private long _now = 1_000_000;

    [Test]
    public void So_many_are_allowed_and_the_next_is_one_too_many()
    {
        Fail(3);
        Assert.That(_failures.Add(Here, _now), Is.EqualTo(TimeSpan.FromSeconds(5)));
        Assert.That(_failures.Add(new IPEndPoint(Here.Address, 2), _now + 2_000), Is.EqualTo(TimeSpan.FromSeconds(3)), "another port is the same address");
        Assert.That(_failures.Add(new IPEndPoint(IPAddress.Parse("192.0.2.8"), 1), _now), Is.EqualTo(TimeSpan.Zero), "another address");
    }

    [Test]
    public void They_add_up_within_a_minute_only()
    {
        Fail(3);
        _now += 59_999;
        Assert.That(_failures.Add(Here, _now), Is.Not.EqualTo(TimeSpan.Zero));

        var others = new FailedAuthentications(3);
        for (int i = 0; i < 3; i++) others.Add(Here, _now);
        Assert.That(others.Add(Here, _now + 60_000), Is.EqualTo(TimeSpan.Zero));
    }

    [Test]
    public void Each_delay_is_twice_the_one_before_and_bounded()
    {
        Fail(3);
        var delays = new List<double>();
        for (int i = 0; i < 10; i++)
        {
            TimeSpan delay = _failures.Add(Here, _now);
            delays.Add(delay.TotalSeconds);
            _now += (long)delay.TotalMilliseconds;
        }

        Assert.That(delays, Is.EqualTo(new double[] { 5, 10, 20, 40, 80, 160, 320, 640, 640, 640 }));
    }

    [Test]
    public void Failures_while_it_is_to_stay_away_do_not_make_it_longer()
    {
        Fail(3);
        _failures.Add(Here, _now);
        for (int i = 0; i < 100; i++) Assert.That(_failures.Add(Here, _now + 4_999), Is.EqualTo(TimeSpan.FromMilliseconds(1)));
        Assert.That(_failures.Add(Here, _now + 5_000), Is.EqualTo(TimeSpan.FromSeconds(10)));
    }

    [Test]
    public void A_minute_of_quiet_takes_one_doubling_back()
    {
        Fail(3);
        for (int i = 0; i < 3; i++) _now += (long)_failures.Add(Here, _now).TotalMilliseconds;
        // 5, 10 and 20 s were served. Without the quiet it would be 40.
        _now += 60_000;
        Assert.That(_failures.Add(Here, _now).TotalSeconds, Is.EqualTo(20));
        _now += 20_000 + (3 * 60_000);
        Fail(3);
        Assert.That(_failures.Add(Here, _now).TotalSeconds, Is.EqualTo(5));
    }

    [Test]
    public void Addresses_are_bounded_and_the_one_that_failed_longest_ago_is_forgotten()
    {
        var tight = new FailedAuthentications(1);
        for (int i = 0; i < FailedAuthentications.MaxAddresses; i++) tight.Add(Address(i), _now);
        tight.Add(Address(0), _now);
        Assert.That(tight.Addresses, Is.EqualTo(FailedAuthentications.MaxAddresses));

        tight.Add(Address(FailedAuthentications.MaxAddresses), _now);

        Assert.That(tight.Addresses, Is.EqualTo(FailedAuthentications.MaxAddresses));
        Assert.That(tight.Add(Address(0), _now), Is.Not.EqualTo(TimeSpan.Zero), "it had failed again");
        Assert.That(tight.Add(Address(1), _now), Is.EqualTo(TimeSpan.Zero), "it was forgotten");
    }

    private static IPEndPoint Address(int number) => new(new IPAddress([10, (byte)(number >> 16), (byte)(number >> 8), (byte)number]), 1);

    private void Fail(int times)
    {
        for (int i = 0; i < times; i++) Assert.That(_failures.Add(Here, _now), Is.EqualTo(TimeSpan.Zero));
    }
}
