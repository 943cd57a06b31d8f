using NUnit.Framework;
using Ptth.Proxy.Tunnels;
using Ptth.Tests.Support;

namespace Ptth.Tests.Proxy;

/// <summary>The places that a proxy has for tunnels.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class TunnelSetTests : InProcessTest
{
    private readonly TunnelSet _set;

    public TunnelSetTests() => _set = Own(new TunnelSet(2));

    [Test]
    public void There_are_so_many_places_and_not_one_more()
    {
        Assert.That(new[] { _set.TryEnter(), _set.TryEnter(), _set.TryEnter() }, Is.EqualTo(new[] { true, true, false }));
        _set.Leave();
        Assert.That(new[] { _set.TryEnter(), _set.TryEnter() }, Is.EqualTo(new[] { true, false }));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_place_can_be_waited_for(CancellationToken token)
    {
        await _set.EnterAsync(token);
        await _set.EnterAsync(token);
        Task third = _set.EnterAsync(token);
        Assert.That(third.IsCompleted, Is.False);
        _set.Leave();
        await third.ComesAsync(token);

        Assert.That(_set.TryEnter(), Is.False);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_wait_that_is_cancelled_takes_no_place(CancellationToken token)
    {
        await _set.EnterAsync(token);
        await _set.EnterAsync(token);
        using var cancellation = new CancellationTokenSource();
        Task third = _set.EnterAsync(cancellation.Token);
        await cancellation.CancelAsync();
        Assert.That(async () => await third.ComesAsync(token), Throws.InstanceOf<OperationCanceledException>());
        _set.Leave();
        _set.Leave();

        Assert.That(_set.WhenEmptyAsync().IsCompleted, Is.True);
        Assert.That(new[] { _set.TryEnter(), _set.TryEnter() }, Is.All.True);
    }

    [Test]
    public void Empty_is_told_when_the_last_one_leaves()
    {
        Assert.That(_set.WhenEmptyAsync().IsCompleted, Is.True);
        _set.TryEnter();
        _set.TryEnter();
        Task empty = _set.WhenEmptyAsync();
        _set.Leave();
        Assert.That(empty.IsCompleted, Is.False);
        _set.Leave();
        Assert.That(empty.IsCompleted, Is.True);
        _set.TryEnter();
        Assert.That(_set.WhenEmptyAsync().IsCompleted, Is.False);
    }
}
