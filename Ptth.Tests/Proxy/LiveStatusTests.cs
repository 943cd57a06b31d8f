using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using Ptth.Common.Logging;
using Ptth.Common.Net;
using Ptth.Proxy.Live;

namespace Ptth.Tests.Proxy;

/// <summary>What the live line of a proxy says, and when.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class LiveStatusTests : IDisposable
{
    private static readonly RelayUrl Url = RelayUrl.TryParse("http://relay:8080", out RelayUrl? url, out _) ? url : throw new InvalidOperationException();

    private readonly FakeTimeProvider _time = new();
    private readonly LiveLine _line = new();
    private readonly RelayLink _link;
    private readonly CancellationTokenSource _draining = new();
    private int _columns = 200;
    private int _shown;

    public LiveStatusTests()
    {
        _link = new RelayLink(_time);
        _line.Attach(() => _shown++);
    }

    public void Dispose() => _draining.Dispose();

    [Test]
    public void It_tells_how_requests_to_the_relay_go()
    {
        using LiveStatus live = Start();
        Assert.That(_line.Text, Is.EqualTo("connecting to relay:8080 | 0 tunnels"));

        _link.Succeeded();
        After(0.5, "connected to relay:8080 for 0 s | 0 tunnels");
        _link.Succeeded();
        After(3599, "connected to relay:8080 for 59 min | 0 tunnels");

        _link.Failed("connection refused", TimeSpan.FromSeconds(8));
        After(0.5, "not connected to relay:8080, next try in 7 s | 0 tunnels | connection refused");
        _link.Failed("no such name", TimeSpan.FromSeconds(30));
        After(60, "not connected to relay:8080, next try in 0 s | 0 tunnels | no such name");

        _link.Failed("the relay answered 401", nextTry: null);
        After(0.5, "not connected to relay:8080 | 0 tunnels | the relay answered 401");

        _link.Succeeded();
        After(0.5, "connected to relay:8080 for 0 s | 0 tunnels");
        _draining.Cancel();
        After(0.5, "draining, Ctrl-C ends at once | 0 tunnels");
    }

    [Test]
    public void It_is_drawn_twice_a_second_and_only_when_something_changed()
    {
        using LiveStatus live = Start();
        _link.Succeeded();
        _time.Advance(TimeSpan.FromSeconds(0.49));
        Assert.That(_shown, Is.EqualTo(1), "the first alone");
        _time.Advance(TimeSpan.FromSeconds(0.01));
        Assert.That(_shown, Is.EqualTo(2));
        _time.Advance(TimeSpan.FromMinutes(1));
        int before = _shown;
        _time.Advance(TimeSpan.FromSeconds(50));
        Assert.That(_shown, Is.EqualTo(before), "a minute more is the next change");
    }

    [TestCase(37, "connecting to relay:8080 | 0 tunnels")]
    [TestCase(36, "connecting to relay:8080 | 0 tunnel")]
    [TestCase(10, "connectin")]
    [TestCase(1, "")]
    public void It_is_cut_before_the_terminals_last_column(int columns, string text)
    {
        _columns = columns;
        using LiveStatus live = Start();
        Assert.That(_line.Text, Is.EqualTo(text));
    }

    [Test]
    public void It_follows_the_terminals_width()
    {
        using LiveStatus live = Start();
        _columns = 11;
        After(0.5, "connecting");
    }

    [Test]
    public void It_is_gone_at_the_end_and_stays_away()
    {
        LiveStatus live = Start();
        live.Dispose();
        _link.Succeeded();
        After(5, "");
    }

    [TestCase(0, 0, "1 tunnel")]
    [TestCase(1, 0, "1 tunnel | up 1.0 kB/s, down 0 B/s | in all 1 B up, 0 B down")]
    [TestCase(0, 12_345_678, "1 tunnel | up 1.0 kB/s, down 0 B/s | in all 0 B up, 12 MB down")]
    public void Rates_and_totals_are_told_once_there_are_any(long sent, long received, string text)
    {
        var now = new TrafficRates(1, sent, received, 1000, 0);
        Assert.That(LiveText.Compose("relay", new LinkReport(LinkState.Connected, TimeSpan.Zero), now, isDraining: false, columns: 200),
            Is.EqualTo("connected to relay for 0 s | " + text));
    }

    private LiveStatus Start() => new(_line, () => _columns, Url, _link, new Traffic(), _time, _draining.Token);

    private void After(double seconds, string text)
    {
        _time.Advance(TimeSpan.FromSeconds(seconds));
        Assert.That(_line.Text, Is.EqualTo(text));
    }
}
