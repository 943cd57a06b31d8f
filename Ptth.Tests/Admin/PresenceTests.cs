using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using Ptth.Http.Transport;
using Ptth.Relay.Rendezvous;
using Ptth.Relay.Statistics;

namespace Ptth.Tests.Admin;

/// <summary>When a port counts as online.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class PresenceTests : IDisposable
{
    private static readonly PortAddress Ssh = new("home", "ssh");
    private static readonly Dictionary<PortAddress, int> NoTunnels = [];

    private readonly FakeTimeProvider _time = new();
    private Ticker _ticker = null!;
    private PresenceBoard _board = null!;

    [SetUp]
    public void SetUp()
    {
        _ticker = new Ticker(_time);
        _board = new PresenceBoard(_ticker);
    }

    /// <inheritdoc/>
    public void Dispose() => _ticker.Dispose();

    [Test]
    public void Between_two_listens_a_port_stays_online()
    {
        long since = _ticker.NowMilliseconds;
        _board.ListenBegan(Ssh);
        Pass(25);
        _board.ListenEnded(Ssh);
        Pass(5);
        Assert.That(State(Ssh), Is.EqualTo((true, since)));
        _board.ListenBegan(Ssh);
        Pass(25);

        Assert.That(State(Ssh), Is.EqualTo((true, since)));
        Assert.That(_board.Listens, Is.EqualTo(1));
    }

    [Test]
    public void It_goes_offline_as_of_its_last_listen_and_comes_back()
    {
        _board.ListenBegan(Ssh);
        Pass(3);
        _board.ListenEnded(Ssh);
        long last = _ticker.NowMilliseconds;
        Pass(6);
        Assert.That(State(Ssh), Is.EqualTo((false, last)));
        Assert.That(_board.Show("home", static server => (server!.State.IsOnline, server.State.SinceMilliseconds)), Is.EqualTo((false, (long?)last)));

        long again = _ticker.NowMilliseconds;
        _board.ListenBegan(Ssh);

        Assert.That(State(Ssh), Is.EqualTo((true, again)));
    }

    [Test]
    public void A_tunnel_keeps_it_online()
    {
        long since = _ticker.NowMilliseconds;
        _board.ListenBegan(Ssh);
        _board.ListenEnded(Ssh);
        var tunnels = new Dictionary<PortAddress, int> { [Ssh] = 1 };
        for (int i = 0; i < 10; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            _board.Update(tunnels);
        }

        Assert.That(State(Ssh), Is.EqualTo((true, since)));
    }

    [Test]
    public void Ports_are_bounded_and_the_one_that_is_away_longest_goes()
    {
        for (int i = 0; i < ServerPresence.MaxPorts; i++)
        {
            _board.ListenBegan(Port(i));
            if (i is 7 or 8) _board.ListenEnded(Port(i));
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        _board.ListenBegan(Port(1000));
        Assert.That(Names(), Has.Length.EqualTo(ServerPresence.MaxPorts).And.None.EqualTo("p7").And.Some.EqualTo("p8").And.Some.EqualTo("p1000"));
        _board.ListenBegan(Port(1001));
        _board.ListenBegan(Port(1002));
        Assert.That(Names(), Has.Length.EqualTo(ServerPresence.MaxPorts).And.Some.EqualTo("p1001").And.None.EqualTo("p1002"), "all are there");
        _board.ListenEnded(Port(1002));
        Assert.That(_board.Listens, Is.EqualTo(ServerPresence.MaxPorts));
    }

    private static PortAddress Port(int number) => new("home", $"p{number}");

    private string[] Names() => _board.Show("home", static server => server!.Ports.Keys.ToArray());

    private (bool IsOnline, long? Since) State(PortAddress address) =>
        _board.Show(address.Server, server => (server!.Ports[address.Port].State.IsOnline, server.Ports[address.Port].State.SinceMilliseconds));

    private void Pass(int seconds)
    {
        for (int i = 0; i < seconds; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            _board.Update(NoTunnels);
        }
    }
}
