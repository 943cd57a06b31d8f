using NUnit.Framework;
using Ptth.Http.Client;
using Ptth.Http.Transport;
using Ptth.Tests.Support;

namespace Ptth.Tests.Client;

/// <summary>Connections that rest on a path that is gone; LivenessTests sees the same with real ones.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class PathWatchTests : InProcessTest
{
    private static readonly PeerCheck Close = PeerCheck.Close(1);

    private readonly PathWatch _path = new(TimeSpan.FromSeconds(1));
    private readonly Dictionary<ClientConnection, InProcessChannel> _channels = [];
    private long _now = 7_000_000;
    private long _lastAnswer;

    [Test]
    public void One_alone_is_probed()
    {
        ClientConnection[] resting = Rest(3);
        Tick(10);

        Assert.That(resting.Count(connection => CheckOf(connection) == Close), Is.EqualTo(1));
        Assert.That(resting.Count(connection => CheckOf(connection) == PeerCheck.Usual), Is.EqualTo(2));
    }

    [Test]
    public void On_a_path_that_is_gone_all_are_broken_off_within_4_seconds()
    {
        ClientConnection[] resting = Rest(3);
        Tick(5);
        _lastAnswer = _now;
        int seconds = 0;
        for (; resting.Any(IsOpen); seconds++)
        {
            Assert.That(seconds, Is.LessThan(4));
            Silence(resting);
            Tick();
        }

        // No sooner: two probes are missing, and three where a tick has just passed.
        Assert.That(seconds, Is.GreaterThanOrEqualTo(3));
        Assert.That(resting.Any(IsOpen), Is.False);
    }

    [Test]
    public void Who_answers_stays()
    {
        ClientConnection[] resting = Rest(3);
        Tick(2);
        ClientConnection probed = resting.Single(connection => CheckOf(connection) == Close);
        _lastAnswer = _now;
        for (int second = 0; second < 5; second++)
        {
            Silence([probed]);
            Tick();
        }

        Assert.That(resting.Where(IsOpen), Is.EquivalentTo(resting.Except([probed])));
        Tick(2);
        Assert.That(resting.Except([probed]).Count(connection => CheckOf(connection) == Close), Is.EqualTo(1), "another one stands for the rest");
    }

    [Test]
    public void A_probe_that_is_lost_is_no_reason()
    {
        ClientConnection[] resting = Rest(3);
        Tick(2);
        for (int round = 0; round < 20; round++)
        {
            _lastAnswer = _now;
            Silence(resting);
            Tick();
            Silence(resting);
            Tick();
            foreach (ClientConnection connection in resting) _channels[connection].Unanswered = null;
            Tick();
        }

        Assert.That(resting.All(IsOpen), Is.True);
        Assert.That(resting.Count(connection => CheckOf(connection) == PeerCheck.Usual), Is.EqualTo(2), "all is as usual again");
    }

    [Test]
    public void Where_answers_take_longer_so_does_this()
    {
        ClientConnection[] resting = Rest(2);
        foreach (ClientConnection connection in resting) _channels[connection].RoundTrip = 6000;
        Tick();
        _lastAnswer = _now;
        for (int second = 0; second < 6; second++)
        {
            Silence(resting);
            Tick();
            Assert.That(resting.All(IsOpen), Is.True, $"after {second} s");
        }

        Silence(resting);
        Tick();
        Assert.That(resting.Any(IsOpen), Is.False);
    }

    [Test]
    public void A_request_on_one_that_had_rested_for_long_has_its_time()
    {
        ClientConnection[] resting = Rest(1);
        Tick(2);
        // What is owed since just now comes with a silence of half a minute.
        _channels[resting[0]].Unanswered = 30_000;
        Tick();
        Tick();
        Assert.That(IsOpen(resting[0]), Is.True);
        Tick();
        Assert.That(IsOpen(resting[0]), Is.False);
    }

    [Test]
    public void Who_leaves_is_checked_as_usual_and_not_broken_off()
    {
        ClientConnection[] resting = Rest(3);
        Tick();
        ClientConnection probed = resting.Single(connection => CheckOf(connection) == Close);
        _path.Leave(probed);
        Assert.That(CheckOf(probed), Is.EqualTo(PeerCheck.Usual));

        Tick();
        _lastAnswer = _now;
        for (int second = 0; second < 2; second++)
        {
            Silence(resting);
            Tick();
        }

        ClientConnection alarmed = resting.Except([probed]).First(connection => CheckOf(connection) == Close);
        _path.Leave(alarmed);
        Assert.That(CheckOf(alarmed), Is.EqualTo(PeerCheck.Usual));
        for (int second = 0; second < 5; second++)
        {
            Silence(resting);
            Tick();
        }

        Assert.That(resting.Where(IsOpen), Is.EquivalentTo(new[] { probed, alarmed }));
    }

    [Test]
    public void It_may_be_turned_off()
    {
        var off = new PathWatch(Timeout.InfiniteTimeSpan);
        ClientConnection connection = NewConnection();
        off.Enter(connection);
        off.OnTick(_now);
        off.OnTick(_now + 1000);
        Assert.That(CheckOf(connection), Is.EqualTo(PeerCheck.Usual));
        off.Leave(connection);
    }

    private ClientConnection[] Rest(int count)
    {
        ClientConnection[] resting = [.. Enumerable.Range(0, count).Select(_ => NewConnection())];
        foreach (ClientConnection connection in resting) _path.Enter(connection);
        return resting;
    }

    private ClientConnection NewConnection()
    {
        var channel = new InProcessChannel();
        var connection = Own(new ClientConnection(new Connection(channel), new HttpClientOptions
        {
            Origin = new HttpOrigin("relay.example", 80, "relay.example"),
            Ticker = Own(new Ticker(TimeProvider.System)),
        }));
        _channels.Add(connection, channel);
        return connection;
    }

    /// <summary>Nothing has come since the last answer.</summary>
    private void Silence(IEnumerable<ClientConnection> connections)
    {
        foreach (ClientConnection connection in connections)
        {
            _channels[connection].Unanswered = _now + 1000 - _lastAnswer;
            _channels[connection].Probes = 1;
        }
    }

    private void Tick(int times = 1)
    {
        for (int i = 0; i < times; i++) _path.OnTick(_now += 1000);
    }

    private PeerCheck CheckOf(ClientConnection connection) => _channels[connection].Checked;

    private bool IsOpen(ClientConnection connection) => !_channels[connection].IsAborted;
}
