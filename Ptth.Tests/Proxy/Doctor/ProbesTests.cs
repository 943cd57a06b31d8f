using System.Net;
using NUnit.Framework;
using Ptth.Common.Protocol;
using Ptth.Http.Core;
using Ptth.Http.Transport;
using Ptth.Proxy.Configuration;
using Ptth.Proxy.Probes;
using Ptth.Proxy.Relaying;
using Ptth.Relay.Configuration;
using Ptth.Tests.Support;

namespace Ptth.Tests.Proxy.Doctor;

/// <summary>Each probe of the path: finds its fault, and nothing on a path without one.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class ProbesTests : InProcessTest
{
    private const string Faulty = "faulty/1.0";
    private const int Mebi = 1024 * 1024;

    // The relay's ticker, the proxy's, and the run's bound.
    private const int Timers = 3;

    private readonly InProcessRelay _relay;
    private readonly SteppingTime _time;

    public ProbesTests()
    {
        // Less than the relay gives a connection for its first head, which a path that holds bodies back has open by then.
        _relay = Own(new InProcessRelay(timeouts: new RelayTimeouts { Attach = TimeSpan.FromSeconds(5) }));
        _time = new SteppingTime(_relay.Time);
    }

    [TestCase(false, false, false, false)]
    [TestCase(true, true, false, true)]
    [TestCase(true, false, true, true)]
    [CancelAfter(30_000)]
    public async Task Response_buffering(bool holds, bool heeds, bool isHeld, bool isHeldUnasked, CancellationToken token)
    {
        Task<ResponseBuffering> probing = new ResponseBufferingProbe(Through(new InProcessPath(_relay.EndPoint) { HoldsAnswers = holds, HeedsHint = heeds }), _time).RunAsync(token);
        int free = isHeld ? 0 : 1;
        await UntilPausedAsync(2, () => _time.Looks == free && _relay.Context.Probes.Turns.Taken == 2, token);
        // The second part of the bare answer's first bytes.
        _relay.Advance(0.2);
        free += isHeldUnasked ? 0 : 1;
        await UntilPausedAsync(2, () => _time.Looks == free && _relay.Context.Probes.Turns.Taken == 2, token);
        _relay.Advance(1);
        // What was held is tried again: nothing of it comes before its pauses are over.
        await InProcessWait.UntilAsync(
            () =>
            {
                int taken = _relay.Context.Probes.Turns.Taken;
                if (taken > 0 && _relay.Time.Timers == Timers + taken) _relay.Advance(0.5);
                return probing.IsCompleted;
            },
            "it is over",
            token);

        ResponseBuffering found = await probing.ComesAsync(token);
        Assert.That((found.Outcome, found.IsHeld, found.IsHeldUnasked), Is.EqualTo((ProbeOutcome.Measured, isHeld, isHeldUnasked)));
        Assert.That(found.Answer, Is.EqualTo(new PathAnswer(200, ProtocolVersion.Http11, Faulty, null, IsRelays: true)));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Request_buffering([Values] bool holds, CancellationToken token)
    {
        var path = new InProcessPath(_relay.EndPoint) { HoldsRequests = holds };
        Task<RequestBuffering> probing = new RequestBufferingProbe(Through(path), _time).RunAsync(token);
        if (holds)
        {
            await path.HoldAsync(() => probing.IsCompleted, () => _relay.Time.Timers == Timers + 1, () => _relay.Advance(2), token);
        }

        RequestBuffering found = await probing.ComesAsync(token);
        Assert.That((found.Outcome, found.IsHeld, found.Answer?.Server), Is.EqualTo((ProbeOutcome.Measured, holds, Faulty)));
    }

    [TestCase(long.MaxValue)]
    [TestCase(10L * Mebi)]
    [TestCase(1000L)]
    [CancelAfter(60_000)]
    public async Task Size_cap(long cap, CancellationToken token)
    {
        SizeCap found = await new SizeCapProbe(Through(new InProcessPath(_relay.EndPoint) { MaxBody = cap }), _time, 12 * Mebi).RunAsync(token).ComesAsync(token);

        Assert.That(found.Outcome, Is.EqualTo(ProbeOutcome.Measured));
        if (cap == long.MaxValue)
        {
            Assert.That((found.LongestLength, found.RefusedLength, found.StreamCut, found.StreamTried), Is.EqualTo(((long?)null, (long?)null, StreamCut.None, 12L * Mebi)));
            return;
        }

        Assert.That(found.LongestLength, Is.LessThanOrEqualTo(cap).And.GreaterThanOrEqualTo(cap < 1024 ? 0 : cap - (cap / 32)));
        Assert.That(found.RefusedLength, Is.GreaterThan(cap).And.LessThanOrEqualTo(Math.Max(1024, cap + (cap / 32))));
        Assert.That(found.StreamCut, Is.EqualTo(StreamCut.Answered));
        Assert.That(found.StreamCutAfter, Is.LessThanOrEqualTo(cap));
        Assert.That((found.Answer!.Status, found.Answer.Server, found.Answer.IsRelays), Is.EqualTo((413, Faulty, false)));
    }

    /// <remarks>As by a reverse proxy that holds bodies back, behind a slow way: no size is to blame for that.</remarks>
    [Test]
    [CancelAfter(30_000)]
    public async Task A_stream_that_is_held_for_longer_than_the_relay_waits_is_not_cut(CancellationToken token)
    {
        var release = new TaskCompletionSource();
        var path = new InProcessPath(_relay.EndPoint) { HoldsRequests = true, Release = release.Task };
        Task<SizeCap> probing = new SizeCapProbe(Through(path), _time, Mebi).RunAsync(token);
        await InProcessWait.UntilAsync(() => path.Has("probe/stream"), "the body has begun", token);
        _relay.Advance(6);
        // The reports are over, and the answer is waited for.
        await UntilPausedAsync(1, () => _relay.Context.Probes.Turns.Taken == 0, token);
        release.SetResult();
        SizeCap found = await AdvancingAsync(probing, token);

        Assert.That((found.Outcome, found.StreamCut), Is.EqualTo((ProbeOutcome.Late, StreamCut.None)));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task What_its_own_end_cuts_is_not_found([Values] bool isLate, CancellationToken token)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(token);
        Task<SizeCap> probing = ProbeRun.RunAsync(
            Through(null),
            _time,
            TimeSpan.FromSeconds(60),
            new SizeCap { Outcome = ProbeOutcome.Late },
            static async run =>
            {
                // All exchanges are broken off by now, as by somebody on the way.
                await Task.Delay(Timeout.Infinite, run.Ends).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return new SizeCap { Outcome = ProbeOutcome.Measured, StreamCut = StreamCut.Broken };
            },
            stopping.Token);
        if (isLate)
        {
            _relay.Advance(60);
            SizeCap found = await probing.ComesAsync(token);
            Assert.That((found.Outcome, found.StreamCut), Is.EqualTo((ProbeOutcome.Late, StreamCut.None)));
            return;
        }

        await stopping.CancelAsync();
        Assert.That(async () => await probing.WaitAsync(token), Throws.InstanceOf<OperationCanceledException>());
    }

    [TestCase("", StreamCut.Broken, "", StreamCut.Broken)]
    [TestCase("", StreamCut.Broken, "408 Request Timeout", StreamCut.Answered)]
    [CancelAfter(30_000)]
    public async Task Idle_cut(string downAnswer, StreamCut down, string upAnswer, StreamCut up, CancellationToken token)
    {
        var path = new InProcessPath(_relay.EndPoint);
        Task<IdleCut> probing = await RestAsync(path, 75, token);
        _relay.Advance(30);
        await path.CutAsync("probe/download", downAnswer, token);
        // The cut is told at once, by the time that it came at.
        await InProcessWait.UntilAsync(() => _relay.Context.Probes.Turns.Taken == 1, "the relay's pause is over", token);
        await UntilLooksAsync(4, token);
        _relay.Advance(10);
        await path.CutAsync("probe/stream", upAnswer, token);
        await UntilLooksAsync(5, token);
        IdleCut found = await probing.ComesAsync(token);

        Assert.That((found.Outcome, found.Waited), Is.EqualTo((ProbeOutcome.Measured, TimeSpan.FromSeconds(75))));
        Assert.That((found.Down.Outcome, found.Down.Cut, found.Down.After.TotalSeconds), Is.EqualTo((ProbeOutcome.Measured, down, 30.0)));
        Assert.That((found.Up.Outcome, found.Up.Cut, found.Up.After.TotalSeconds), Is.EqualTo((ProbeOutcome.Measured, up, 40.0)));
        Assert.That(found.Up.Answer?.Status, Is.EqualTo(upAnswer.Length > 0 ? 408 : null));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task No_idle_cut(CancellationToken token)
    {
        Task<IdleCut> probing = await RestAsync(new InProcessPath(_relay.EndPoint), 75, token);
        _relay.Advance(75);
        IdleCut found = await probing.ComesAsync(token);

        Assert.That((found.Outcome, found.Down.Cut, found.Up.Cut), Is.EqualTo((ProbeOutcome.Measured, StreamCut.None, StreamCut.None)));
        Assert.That((found.Down.Outcome, found.Up.Outcome), Is.EqualTo((ProbeOutcome.Measured, ProbeOutcome.Measured)));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Idle_cut_that_nobody_tells_of(CancellationToken token)
    {
        var path = new InProcessPath(_relay.EndPoint);
        Task<IdleCut> probing = await RestAsync(path, 75, token);
        path.IsSilent = true;
        _relay.Advance(75);
        // Both wait for what was sent after the rest.
        await UntilPausedAsync(2, () => _time.Looks == 4 && _relay.Context.Probes.Turns.Taken == 1, token);
        _relay.Advance(5);
        IdleCut found = await probing.ComesAsync(token);

        Assert.That((found.Outcome, found.Down.Cut, found.Up.Cut), Is.EqualTo((ProbeOutcome.Measured, StreamCut.Silent, StreamCut.Silent)));
        Assert.That((found.Down.After.TotalSeconds, found.Up.After.TotalSeconds), Is.EqualTo((80.0, 75.0)));
    }

    [TestCase(false)]
    [TestCase(true)]
    [CancelAfter(30_000)]
    public async Task Chunking(bool isOld, CancellationToken token)
    {
        Chunking found = await new ChunkingProbe(Through(new InProcessPath(_relay.EndPoint) { IsOld = isOld }), _time).RunAsync(token).ComesAsync(token);

        Assert.That(found.Outcome, Is.EqualTo(ProbeOutcome.Measured), found.Failure);
        Assert.That((found.Request!.Version, found.Request.Via, found.RequestIsChunked), Is.EqualTo(isOld ? ("1.0", "1.0 faulty", false) : ("1.1", (string?)null, true)));
        Assert.That((found.Answer!.Status, found.AnswerIsChunked, found.AnswerIsChanged, found.AnswerEncoding), Is.EqualTo((isOld ? 426 : 200, !isOld, false, (string?)null)));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Changed_answers(CancellationToken token)
    {
        Chunking found = await new ChunkingProbe(Through(new InProcessPath(_relay.EndPoint) { ChangesAnswers = true }), _time).RunAsync(token).ComesAsync(token);
        Assert.That((found.Outcome, found.AnswerIsChunked, found.AnswerIsChanged), Is.EqualTo((ProbeOutcome.Measured, true, true)));
    }

    [TestCase(false, false, 1, 1)]
    [TestCase(true, false, 4, 4)]
    [TestCase(false, true, 1, 4)]
    [CancelAfter(30_000)]
    public async Task Keep_alive(bool closes, bool reconnects, int own, int atRelay, CancellationToken token)
    {
        var path = new InProcessPath(_relay.EndPoint) { Closes = closes, ReconnectsToRelay = reconnects };
        KeepAlive found = await new KeepAliveProbe(Through(path), _time).RunAsync(token).ComesAsync(token);

        Assert.That((found.Outcome, found.Requests, found.OwnConnections, found.RelayConnections), Is.EqualTo((ProbeOutcome.Measured, 4, own, atRelay)));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Latency(CancellationToken token)
    {
        var time = new SteppingTime(_relay.Time) { Step = TimeSpan.FromMilliseconds(3) };
        Latency found = await new LatencyProbe(Through(new InProcessPath(_relay.EndPoint)), time).RunAsync(token).ComesAsync(token);

        Assert.That((found.Outcome, found.Request.TotalMilliseconds, found.Stream.TotalMilliseconds), Is.EqualTo((ProbeOutcome.Measured, 3.0, 3.0)));
        Assert.That(found.Rounds, Is.EqualTo(11));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Throughput(CancellationToken token)
    {
        var time = new SteppingTime(_relay.Time) { Step = TimeSpan.FromMilliseconds(1) };
        Throughput found = await new ThroughputProbe(Through(null), time, 20 * Mebi).RunAsync(token).ComesAsync(token);

        Assert.That((found.Outcome, found.Down.Cut, found.Up.Cut), Is.EqualTo((ProbeOutcome.Measured, StreamCut.None, StreamCut.None)));
        Assert.That((found.Down.Sent, found.Up.Sent), Is.EqualTo((20L * Mebi, 20L * Mebi)));
        Assert.That(found.Down.Bytes, Is.EqualTo(20 * Mebi + ProbeOrder.FirstBytes));
        Assert.That(found.Up.Bytes, Is.EqualTo(20 * Mebi));
        Assert.That(found.Down.BytesPerSecond, Is.EqualTo((found.Down.Bytes - found.Down.Uncounted) * 1000.0));
        Assert.That(found.Up.BytesPerSecond, Is.GreaterThan(0));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_stream_that_is_too_long_ends_in_its_time(CancellationToken token)
    {
        // Each look takes two seconds: the sender has five of them.
        var time = new SteppingTime(_relay.Time) { Step = TimeSpan.FromSeconds(2) };
        Throughput found = await new ThroughputProbe(Through(null), time, 64 * Mebi).RunAsync(token).ComesAsync(token);

        Assert.That(found.Up.Cut, Is.EqualTo(StreamCut.None));
        Assert.That(found.Up.Sent, Is.LessThan(Mebi));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_foreign_key_is_refused_and_an_older_relay_does_not_know([Values] bool isOlder, CancellationToken token)
    {
        RelayClient relay;
        if (isOlder)
        {
            TcpService service = Own(new TcpService());
            service.ServeEach(static async socket =>
            {
                var peer = new InProcessPeer(socket);
                await peer.ReadHeadAsync(CancellationToken.None);
                const string problem = "{\"type\":\"about:blank\",\"title\":\"Not Found\",\"status\":404}";
                await peer.SendAsync($"HTTP/1.1 404 Not Found\r\nContent-Type: application/problem+json\r\nContent-Length: {problem.Length}\r\nConnection: close\r\n\r\n{problem}", CancellationToken.None);
                await peer.ReadToEndAsync(CancellationToken.None);
            });
            relay = To(service.EndPoint, InProcessRelay.Home);
        }
        else
        {
            relay = To(_relay.EndPoint, PtthKey.Generate());
        }

        PathMeasurement[] all =
        [
            await new ResponseBufferingProbe(relay, _time).RunAsync(token).ComesAsync(token),
            await new RequestBufferingProbe(relay, _time).RunAsync(token).ComesAsync(token),
            await new BreakProbe(relay, _time).RunAsync(token).ComesAsync(token),
            await new SizeCapProbe(relay, _time, Mebi).RunAsync(token).ComesAsync(token),
            await new IdleCutProbe(relay, _time, TimeSpan.FromSeconds(75)).RunAsync(token).ComesAsync(token),
            await new ChunkingProbe(relay, _time).RunAsync(token).ComesAsync(token),
            await new KeepAliveProbe(relay, _time).RunAsync(token).ComesAsync(token),
            await new LatencyProbe(relay, _time).RunAsync(token).ComesAsync(token),
            await new ThroughputProbe(relay, _time, Mebi).RunAsync(token).ComesAsync(token),
        ];
        Assert.That(all.Select(static one => (one.Outcome, one.Answer?.Status, one.Answer?.IsRelays)),
            Has.All.EqualTo(isOlder ? (ProbeOutcome.NotKnown, 404, true) : (ProbeOutcome.Refused, (int?)401, (bool?)true)));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_relay_that_is_away_is_a_failure_in_words_and_one_that_is_silent_is_late(CancellationToken token)
    {
        KeepAlive away = await new KeepAliveProbe(To(FreePort.Take(), InProcessRelay.Home), _time).RunAsync(token).ComesAsync(token);
        TcpService silent = Own(new TcpService());
        Task<RequestBuffering> probing = new RequestBufferingProbe(To(silent.EndPoint, InProcessRelay.Home), _time).RunAsync(token);
        // The time of a dial is shorter.
        using var peer = new InProcessPeer(await silent.AcceptAsync(token));
        await peer.ReadHeadAsync(token);
        RequestBuffering late = await AdvancingAsync(probing, token);

        Assert.That((away.Outcome, away.Answer), Is.EqualTo((ProbeOutcome.Failed, (PathAnswer?)null)));
        Assert.That(away.Failure, Does.Contain("refused"));
        Assert.That(late.Outcome, Is.EqualTo(ProbeOutcome.Late));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Whoever_asked_may_end_it(CancellationToken token)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(token);
        Task<IdleCut> probing = await RestAsync(new InProcessPath(_relay.EndPoint), 75, stopping.Token);
        await stopping.CancelAsync();

        Assert.That(async () => await probing.WaitAsync(token), Throws.InstanceOf<OperationCanceledException>());
        await InProcessWait.UntilAsync(() => _relay.Context.Probes.Turns.Taken == 0, "nothing is under way", token);
    }

    private RelayClient To(IPEndPoint endPoint, PtthKey key) =>
        Own(new RelayClient(InProcessServerProxy.UrlOf(endPoint), null, null, key, new ProxyTimeouts(), Own(new Ticker(_relay.Time)), _relay.Time));

    private RelayClient Through(InProcessPath? path) => To(path is null ? _relay.EndPoint : Own(path).EndPoint, InProcessRelay.Home);

    /// <summary>Begins a probe of idle cuts, and waits until both directions rest.</summary>
    private async Task<Task<IdleCut>> RestAsync(InProcessPath path, int seconds, CancellationToken token)
    {
        Task<IdleCut> probing = new IdleCutProbe(Through(path), _time, TimeSpan.FromSeconds(seconds)).RunAsync(token);
        // One at the request and one at the first bytes of the answer, one at the begin of the body.
        await UntilPausedAsync(1 + 2, () => _time.Looks == 3, token);
        await _relay.UntilReportedAsync(token);
        return probing;
    }

    private Task UntilLooksAsync(int looks, CancellationToken token) => InProcessWait.UntilAsync(() => _time.Looks >= looks, $"{looks} looks at the clock", token);

    /// <summary>Waits until so many wait for the clock, and something else besides.</summary>
    private Task UntilPausedAsync(int pauses, Func<bool> also, CancellationToken token) =>
        InProcessWait.UntilAsync(() => _relay.Time.Timers == Timers + pauses && also(), $"{pauses} pauses", token);

    /// <summary>Lets time go on until it is over.</summary>
    private async Task<T> AdvancingAsync<T>(Task<T> probing, CancellationToken token)
    {
        await _relay.Time.AdvanceUntilAsync(probing, TimeSpan.FromSeconds(1), "it is over", token);
        return await probing.ComesAsync(token);
    }
}
