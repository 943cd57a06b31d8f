using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using Ptth.Http.Server;
using Ptth.Http.Transport;
using Ptth.Tests.Support;

namespace Ptth.Tests.Transport;

/// <summary>A peer that is gone while it owes an acknowledgement; perf/faults.sh sees the same with real hosts.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class PeerSilenceTests : IDisposable
{
    private const long Start = 5_000_000;
    private const long Tick = 1000;

    private readonly InProcessChannel _channel = new();
    private PeerSilence _silence;
    private long _now = Start;

    public void Dispose() => _channel.Dispose();

    [Test]
    public void A_peer_that_owes_an_answer_has_20_seconds()
    {
        TickFor(60_000, owed: null);

        long taken = TicksUntilTooLong(owedSince: _now);

        // It is asked about every 5 s.
        Assert.That(taken, Is.InRange(PeerSilence.MaxMilliseconds, PeerSilence.MaxMilliseconds + 10_000));
    }

    [Test]
    public void Rest_before_something_is_sent_does_not_count()
    {
        TickFor(10_000, owed: null);

        // Nothing came for an hour, and rightly so; then something is sent.
        long taken = TicksUntilTooLong(owedSince: _now - 3_600_000);

        Assert.That(taken, Is.GreaterThanOrEqualTo(PeerSilence.MaxMilliseconds - 5_000));
    }

    [Test]
    public void A_peer_that_owes_nothing_may_be_silent_for_ever() => TickFor(86_400_000, owed: null);

    [Test]
    public void A_receiver_that_takes_nothing_but_answers_is_there()
    {
        // Zero-window probes are two minutes apart at the most, and each is answered: what is owed is owed for a short time.
        _channel.Probes = 1;
        for (int i = 0; i < 100; i++)
        {
            TickFor(119_000, owed: null);
            TickFor(Tick, owed: 120_000);
        }
    }

    [TestCase(4, false)]
    [TestCase(5, true)]
    public void A_few_lost_probes_do_not_make_a_receiver_gone(int probes, bool isGone)
    {
        _channel.Probes = probes;
        if (!isGone) TickFor(600_000, owed: 600_000);
        else Assert.That(TicksUntilTooLong(_now - 600_000), Is.InRange(PeerSilence.MaxMilliseconds, PeerSilence.MaxMilliseconds + 10_000));
    }

    [Test]
    public void Bytes_under_way_to_a_peer_that_acknowledges_are_no_silence() => TickFor(3_600_000, owed: 40);

    [Test]
    [CancelAfter(30_000)]
    public async Task A_connection_to_a_peer_that_is_gone_is_broken_off(CancellationToken token)
    {
        var time = new FakeTimeProvider();
        using var ticker = new Ticker(time);
        var connection = new HttpServerConnection(new Connection(_channel), new HttpServerOptions
        {
            Ticker = ticker,
            HeadTimeout = Timeout.InfiniteTimeSpan,
            Handler = static _ => ValueTask.CompletedTask,
            ErrorResponse = static (status, _) => new HttpResponse { Status = status },
        });
        Task running = connection.RunAsync();
        _channel.Unanswered = long.MaxValue;

        // Second by second, as the ticker sees it.
        for (int second = 0; second < 19; second++) time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(running.IsCompleted, Is.False);
        for (int second = 0; second < 11; second++) time.Advance(TimeSpan.FromSeconds(1));

        await running.ComesAsync(token);
    }

    private void TickFor(long milliseconds, long? owed)
    {
        _channel.Unanswered = owed;
        for (long end = _now + milliseconds; _now < end; _now += Tick)
            Assert.That(_silence.IsTooLong(_channel, _now), Is.False, $"after {_now - Start} ms");
    }

    private long TicksUntilTooLong(long owedSince)
    {
        long start = _now;
        for (; _now - start < 3 * PeerSilence.MaxMilliseconds; _now += Tick)
        {
            _channel.Unanswered = _now - owedSince;
            if (_silence.IsTooLong(_channel, _now)) return _now - start;
        }

        throw new AssertionException("it never is");
    }
}
