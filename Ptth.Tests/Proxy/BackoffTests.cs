using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using Ptth.Proxy.Relaying;
using Ptth.Tests.Support;

namespace Ptth.Tests.Proxy;

/// <summary>When a proxy tries the relay again.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class BackoffTests : InProcessTest
{
    private static readonly RelayRefusal Refused = new("429", RefusalKind.Request, MayPass: false);
    private static readonly RelayRefusal NotOne = new("no relay", RefusalKind.Relay, MayPass: false);
    private static readonly RelayRefusal Away = new("refused", RefusalKind.Relay, MayPass: true);

    private readonly FakeTimeProvider _time = new();

    [TestCase(0.0, new[] { 0.25, 0.5, 1, 2, 4, 8, 16, 30, 30, 30 })]
    [TestCase(0.5, new[] { 0.1875, 0.375, 0.75, 1.5, 3, 6, 12, 22.5, 22.5 })]
    [TestCase(1.0, new[] { 0.125, 0.25, 0.5, 1, 2, 4, 8, 15, 15 })]
    public void Waits_double_up_to_30_seconds_and_are_shortened_by_up_to_half(double random, double[] seconds)
    {
        var backoff = new Backoff(_time, new FixedRandom(random));
        foreach (double expected in seconds)
        {
            (TimeSpan wait, bool isNew) = backoff.Failed(Refused);
            Assert.That((wait, isNew), Is.EqualTo((TimeSpan.FromSeconds(expected), true)));
            _time.Advance(wait);
        }
    }

    [TestCase(0.0, new[] { 0.05, 0.1, 0.2, 0.4, 0.8, 1, 1 })]
    [TestCase(1.0, new[] { 0.025, 0.05, 0.1, 0.2, 0.4, 0.5, 0.5 })]
    public void A_restart_is_waited_for_in_short_steps_and_told_once(double random, double[] seconds)
    {
        var backoff = new Backoff(_time, new FixedRandom(random));
        foreach ((int i, double expected) in seconds.Index())
        {
            (TimeSpan wait, bool isNew) = backoff.Failed(Away);
            Assert.That((wait, isNew), Is.EqualTo((TimeSpan.FromSeconds(expected), i == 0)));
            _time.Advance(wait);
        }
    }

    [Test]
    public void A_restart_that_takes_longer_than_a_minute_is_none()
    {
        var backoff = new Backoff(_time, new FixedRandom(0));
        backoff.Failed(Away);
        _time.Advance(Backoff.Restart - TimeSpan.FromSeconds(0.1));
        Assert.That(backoff.Failed(Away), Is.EqualTo((TimeSpan.FromSeconds(0.1), false)));
        _time.Advance(TimeSpan.FromSeconds(0.1));

        Assert.That(backoff.Failed(Away), Is.EqualTo((TimeSpan.FromSeconds(1), true)));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(backoff.Failed(Away), Is.EqualTo((TimeSpan.FromSeconds(2), false)));
    }

    [TestCase(0.0, new[] { 0.25, 0.5, 1, 2, 3, 3, 3 })]
    [TestCase(1.0, new[] { 0.125, 0.25, 0.5, 1, 1.5, 1.5 })]
    public void A_relay_that_is_away_is_never_waited_for_longer_than_3_seconds(double random, double[] seconds)
    {
        var backoff = new Backoff(_time, new FixedRandom(random));
        foreach (double expected in seconds)
        {
            TimeSpan wait = backoff.Failed(NotOne).Wait;
            Assert.That(wait, Is.EqualTo(TimeSpan.FromSeconds(expected)));
            _time.Advance(wait);
        }
    }

    [Test]
    public void That_it_is_away_is_told_once_a_minute_and_when_the_reason_is_another()
    {
        var backoff = new Backoff(_time, new FixedRandom(0));
        List<double> told = [];
        for (double at = 0; at < 200; at = (_time.GetUtcNow() - _time.Start).TotalSeconds)
        {
            (TimeSpan wait, bool isTold) = backoff.Failed(NotOne);
            if (isTold) told.Add(at);
            _time.Advance(wait);
        }

        Assert.That(told, Has.Count.EqualTo(4));
        Assert.That(told.Zip(told.Skip(1), static (from, to) => to - from), Has.All.InRange(60, 63));
        Assert.That(backoff.Failed(NotOne with { Text = "the certificate has expired" }).IsNew, Is.True);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task While_it_is_away_one_alone_tries(CancellationToken token)
    {
        var backoff = new Backoff(_time, new FixedRandom(0));
        object first = new(), second = new();
        TimeSpan wait = backoff.Failed(Away).Wait;
        Task scout = backoff.WaitAsync(first, wait, token), spare = backoff.WaitAsync(second, wait, token);
        for (int i = 0; i < 4; i++)
        {
            _time.Advance(wait);
            await scout.ComesAsync(token);
            Assert.That(spare.IsCompleted, Is.False);
            wait = backoff.Failed(Away).Wait;
            scout = backoff.WaitAsync(first, wait, token);
        }

        backoff.Succeeded();
        await Task.WhenAll(scout, spare).ComesAsync(token);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Where_the_one_that_tries_has_ended_another_takes_its_place(CancellationToken token)
    {
        var backoff = new Backoff(_time, new FixedRandom(0));
        object first = new(), second = new();
        TimeSpan wait = backoff.Failed(Away).Wait;
        using var ended = new CancellationTokenSource();
        Task scout = backoff.WaitAsync(first, wait, ended.Token), spare = backoff.WaitAsync(second, wait, token);
        await ended.CancelAsync();
        Assert.That(async () => await scout.ComesAsync(token), Throws.InstanceOf<OperationCanceledException>());
        _time.Advance(Backoff.Spare);
        await spare.ComesAsync(token);

        wait = backoff.Failed(Away).Wait;
        Task next = backoff.WaitAsync(second, wait, token);
        _time.Advance(wait);
        await next.ComesAsync(token);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Those_that_the_relay_refuses_do_not_wait_for_each_other(CancellationToken token)
    {
        var backoff = new Backoff(_time, new FixedRandom(0));
        TimeSpan wait = backoff.Failed(Refused).Wait;
        Task[] waiting = [backoff.WaitAsync(new object(), wait, token), backoff.WaitAsync(new object(), wait, token)];
        _time.Advance(wait);
        await Task.WhenAll(waiting).ComesAsync(token);
    }

    [Test]
    public void After_very_many_failures_it_is_still_30_seconds()
    {
        var backoff = new Backoff(_time, new FixedRandom(0));
        for (int i = 0; i < 100; i++) _time.Advance(backoff.Failed(Refused).Wait);

        Assert.That(backoff.Failed(Refused).Wait, Is.EqualTo(Backoff.Longest));
    }

    [Test]
    public void Failures_that_come_together_count_once()
    {
        var backoff = new Backoff(_time, new FixedRandom(0));
        Assert.That(backoff.Failed(Refused), Is.EqualTo((TimeSpan.FromSeconds(0.25), true)));
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.That(backoff.Failed(Refused), Is.EqualTo((TimeSpan.FromSeconds(0.15), false)));
        Assert.That(backoff.Failed(Refused), Is.EqualTo((TimeSpan.FromSeconds(0.15), false)));
        _time.Advance(TimeSpan.FromSeconds(0.15));

        Assert.That(backoff.Failed(Refused), Is.EqualTo((TimeSpan.FromSeconds(0.5), true)));
    }

    [Test]
    public void A_success_begins_anew()
    {
        var backoff = new Backoff(_time, new FixedRandom(0));
        Assert.That(backoff.Succeeded(), Is.False, "nothing had failed");
        for (int i = 0; i < 5; i++) _time.Advance(backoff.Failed(Refused).Wait);

        Assert.That(backoff.Succeeded(), Is.True);
        Assert.That(backoff.Succeeded(), Is.False);
        Assert.That(backoff.Failed(Refused), Is.EqualTo((Backoff.First, true)));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_wait_ends_at_its_time(CancellationToken token)
    {
        var backoff = new Backoff(_time, new FixedRandom(0));
        backoff.Failed(Refused);
        Task waiting = backoff.WaitAsync(this, TimeSpan.FromSeconds(8), token);
        _time.Advance(TimeSpan.FromSeconds(7.9));
        Assert.That(waiting.IsCompleted, Is.False);
        _time.Advance(TimeSpan.FromSeconds(0.1));

        await waiting.ComesAsync(token);
        Assert.That(waiting.IsCompletedSuccessfully, Is.True);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_success_ends_all_waits(CancellationToken token)
    {
        var backoff = new Backoff(_time, new FixedRandom(0));
        backoff.Failed(Refused);
        Task[] waiting = [.. Enumerable.Range(0, 10).Select(_ => backoff.WaitAsync(this, TimeSpan.FromSeconds(30), token))];
        backoff.Succeeded();
        await Task.WhenAll(waiting).ComesAsync(token);

        backoff.Failed(Refused);
        Assert.That(backoff.WaitAsync(this, TimeSpan.FromSeconds(30), token).IsCompleted, Is.False, "a later wait is another one");
        _time.Advance(TimeSpan.FromSeconds(30));
    }

    [Test]
    public void A_success_before_the_wait_leaves_none()
    {
        var backoff = new Backoff(_time, new FixedRandom(0));
        (TimeSpan wait, _) = backoff.Failed(Refused);
        backoff.Succeeded();

        Assert.That(backoff.WaitAsync(this, wait, CancellationToken.None).IsCompletedSuccessfully, Is.True);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_wait_may_be_cancelled(CancellationToken token)
    {
        var backoff = new Backoff(_time, new FixedRandom(0));
        backoff.Failed(Refused);
        using var cancellation = new CancellationTokenSource();
        Task waiting = backoff.WaitAsync(this, TimeSpan.FromSeconds(30), cancellation.Token);
        await cancellation.CancelAsync();

        Assert.That(async () => await waiting.ComesAsync(token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(token.IsCancellationRequested, Is.False);
    }

    private sealed class FixedRandom(double value) : Random
    {
        public override double NextDouble() => value;
    }
}
