using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using Ptth.Http.Client;
using Ptth.Tests.Support;

namespace Ptth.Tests.Client;

/// <summary>Dials that are under way together.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class DialRaceTests : InProcessTest
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(2);
    private static readonly DialResult Refused = new(null, DialFailure.Refused, "refused");

    private readonly FakeTimeProvider _time = new();
    private readonly List<TaskCompletionSource<DialResult>> _dials = [];
    private readonly List<CancellationToken> _ends = [];

    [Test]
    [CancelAfter(30_000)]
    public async Task The_first_that_gets_through_counts_and_the_others_are_dropped(CancellationToken token)
    {
        using var race = new DialRace(3, token);
        for (int i = 0; i < 3; i++) race.Add(Begin, isGuess: false);
        Task<DialResult?> first = race.FirstAsync(Wait, _time);
        DialResult second = Through(), late = Through();
        _dials[1].SetResult(second);

        Assert.That(await first.ComesAsync(token), Is.EqualTo(second));
        race.Dispose();
        Assert.That(_ends.Select(static end => end.IsCancellationRequested), Is.EqualTo(new[] { true, false, true }));
        _dials[2].SetResult(late);
        await Eventually.HoldsAsync(() => late.Socket!.SafeHandle.IsClosed, () => "the late one is closed", TimeSpan.FromSeconds(5), token);
        Assert.That(second.Socket!.SafeHandle.IsClosed, Is.False);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_failure_is_an_answer_unless_it_was_a_guess(CancellationToken token)
    {
        using var race = new DialRace(3, token);
        race.Add(Begin, isGuess: true);
        race.Add(Begin, isGuess: false);
        Task<DialResult?> first = race.FirstAsync(Wait, _time);
        _dials[0].SetResult(Refused with { Detail = "guessed" });
        _dials[1].SetResult(Refused);

        Assert.That(await first.ComesAsync(token), Is.EqualTo(Refused));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_guess_that_gets_through_counts(CancellationToken token)
    {
        using var race = new DialRace(3, token);
        race.Add(Begin, isGuess: true);
        _dials[0].SetResult(Through());

        Assert.That((await race.FirstAsync(Wait, _time).ComesAsync(token))?.Socket, Is.Not.Null);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task None_within_the_wait_is_none_and_they_go_on(CancellationToken token)
    {
        using var race = new DialRace(3, token);
        race.Add(Begin, isGuess: false);
        Task<DialResult?> first = race.FirstAsync(Wait, _time);
        _time.Advance(Wait);
        Assert.That(await first.ComesAsync(token), Is.Null);
        Assert.That(_ends[0].IsCancellationRequested, Is.False);

        _dials[0].SetResult(Refused);
        Assert.That(await race.FirstAsync(Wait, _time).ComesAsync(token), Is.EqualTo(Refused));
    }

    [Test]
    public void Of_more_than_the_most_the_oldest_is_given_up()
    {
        using var race = new DialRace(2, CancellationToken.None);
        for (int i = 0; i < 3; i++) race.Add(Begin, isGuess: false);

        Assert.That(_ends.Select(static end => end.IsCancellationRequested), Is.EqualTo(new[] { true, false, false }));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Cancelling_ends_it(CancellationToken token)
    {
        using var cancellation = new CancellationTokenSource();
        using var race = new DialRace(2, cancellation.Token);
        race.Add(Begin, isGuess: false);
        Task<DialResult?> first = race.FirstAsync(Wait, _time);
        await cancellation.CancelAsync();

        Assert.That(async () => await first.ComesAsync(token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(token.IsCancellationRequested, Is.False);
    }

    private Task<DialResult> Begin(CancellationToken end)
    {
        _ends.Add(end);
        _dials.Add(new TaskCompletionSource<DialResult>(TaskCreationOptions.RunContinuationsAsynchronously));
        return _dials[^1].Task;
    }

    private DialResult Through()
    {
        var socket = Own(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        return new DialResult(socket, DialFailure.None, IPAddress.Loopback.ToString());
    }
}
