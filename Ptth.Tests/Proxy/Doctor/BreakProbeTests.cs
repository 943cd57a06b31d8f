using NUnit.Framework;
using Ptth.Http.Transport;
using Ptth.Proxy.Configuration;
using Ptth.Proxy.Probes;
using Ptth.Proxy.Relaying;
using Ptth.Tests.Support;

namespace Ptth.Tests.Proxy.Doctor;

/// <summary>The probe of breaks: finds those that come as ends, those that nobody tells of, and what it could not look at.</summary>
/// <remarks>The relay and the probe have a clock each: which of them waits, and for what, is known exactly then.</remarks>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class BreakProbeTests : InProcessTest
{
    private readonly InProcessTime _clock = new();
    private readonly SteppingTime _time;
    private readonly InProcessRelay _relay;

    public BreakProbeTests()
    {
        _time = new SteppingTime(_clock);
        _relay = Own(new InProcessRelay());
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Breaks([Values] bool ends, CancellationToken token)
    {
        Task<BreakPassing> probing = Probe(new InProcessPath(_relay.EndPoint) { EndsBreaks = ends }, token);
        await BreakAnswerAsync(token);
        BreakPassing found = await probing.ComesAsync(token);

        StreamCut cut = ends ? StreamCut.Ended : StreamCut.Broken;
        Assert.That((found.Outcome, found.Down, found.Up, found.Answer?.Server), Is.EqualTo((ProbeOutcome.Measured, cut, cut, "faulty/1.0")), found.Failure);
    }

    [TestCase(false, ProbeOutcome.NotKnown, StreamCut.Broken)]
    [TestCase(true, ProbeOutcome.Measured, StreamCut.Ended)]
    [CancelAfter(30_000)]
    public async Task Breaks_with_an_older_relay(bool ends, ProbeOutcome outcome, StreamCut up, CancellationToken token)
    {
        Task<BreakPassing> probing = Probe(new InProcessPath(_relay.EndPoint) { EndsBreaks = ends, IsRelayOlder = true }, token);
        await BreakAnswerAsync(token);
        BreakPassing found = await probing.ComesAsync(token);

        Assert.That((found.Outcome, found.Down, found.Up), Is.EqualTo((outcome, StreamCut.None, up)), found.Failure);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Breaks_that_nobody_tells_of(CancellationToken token)
    {
        var path = new InProcessPath(_relay.EndPoint) { HidesBreaks = true };
        Task<BreakPassing> probing = Probe(path, token);
        await BreakAnswerAsync(token);
        await UntilWaitsAsync(2, () => path.Hidden == 2, token);
        _clock.Advance(TimeSpan.FromSeconds(5.2));
        BreakPassing found = await probing.ComesAsync(token);

        Assert.That((found.Outcome, found.Down, found.Up), Is.EqualTo((ProbeOutcome.Measured, StreamCut.Silent, StreamCut.Silent)), found.Failure);
    }

    /// <remarks>As where a field is taken out on the way: the relay was not asked for a break, and its end is no finding.</remarks>
    [Test]
    [CancelAfter(30_000)]
    public async Task An_answer_that_ends_at_once_was_not_to_break(CancellationToken token)
    {
        BreakPassing found = await Probe(new InProcessPath(_relay.EndPoint) { DropsOrders = true }, token).ComesAsync(token);
        Assert.That((found.Outcome, found.Down, found.Up), Is.EqualTo((ProbeOutcome.NotKnown, StreamCut.None, StreamCut.Broken)), found.Failure);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Breaks_of_bodies_are_not_measured_where_those_are_held_back(CancellationToken token)
    {
        var path = new InProcessPath(_relay.EndPoint) { HoldsRequests = true };
        Task<BreakPassing> probing = Probe(path, token);
        await UntilWaitsAsync(2, () => _time.Looks == 1 && path.Has("probe/stream"), token);
        await BreakAnswerAsync(token);
        // The 5 s of the first report are over then, and the 5.2 s of the answer's end are not.
        _clock.Advance(TimeSpan.FromSeconds(4.9));
        BreakPassing found = await probing.ComesAsync(token);

        Assert.That((found.Outcome, found.Down, found.Up), Is.EqualTo((ProbeOutcome.Measured, StreamCut.Broken, StreamCut.None)), found.Failure);
    }

    private Task<BreakPassing> Probe(InProcessPath path, CancellationToken token)
    {
        var relay = new RelayClient(
            InProcessServerProxy.UrlOf(Own(path).EndPoint), null, null, InProcessRelay.Home, new ProxyTimeouts(), Own(new Ticker(_clock)), _clock);
        return new BreakProbe(Own(relay), _time).RunAsync(token);
    }

    /// <summary>Lets the time pass after which the relay breaks its answer off, and lets the probe know of it.</summary>
    private async Task BreakAnswerAsync(CancellationToken token)
    {
        // The relay's ticker, and its pause.
        await InProcessWait.UntilAsync(() => _time.Looks == 1 && _relay.Time.Timers == 2, "the first bytes have come, and the relay waits", token);
        _clock.Advance(TimeSpan.FromSeconds(0.2));
        _relay.Advance(0.2);
    }

    /// <summary>Waits until so many parts of the probe wait for the clock besides its ticker and the run's bound, and something else is so.</summary>
    private Task UntilWaitsAsync(int parts, Func<bool> also, CancellationToken token) =>
        InProcessWait.UntilAsync(() => _clock.Timers == 2 + parts && also(), $"{parts} parts wait", token);
}
