using System.Net;
using NUnit.Framework;
using Ptth.Http.Transport;
using Ptth.Proxy.Configuration;
using Ptth.Proxy.Live;
using Ptth.Proxy.Relaying;
using Ptth.Proxy.Tunnels;
using Ptth.Relay;
using Ptth.Relay.Probes;
using Ptth.Tests.Support;

namespace Ptth.Tests.Proxy;

/// <summary>How uploads choose their way: by probes of the path, which hold for a while.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class UploadProbeTests : InProcessTest
{
    private const string Held = "holds bodies back until they end";
    private const string Streams = "uploads go as streams";

    // While a probe waits: the relay's ticker, the proxy's; the probe's bound, its wait, and that of the tunnel.
    private const int ProbeTimers = 5;

    private readonly InProcessRelay _relay;
    private readonly InProcessLog _log;
    private readonly CancellationTokenSource _stopping;

    public UploadProbeTests()
    {
        _relay = Own(new InProcessRelay());
        _log = Own(new InProcessLog());
        _stopping = Own(new CancellationTokenSource());
    }

    [TestCase(false, long.MaxValue, Streams)]
    [TestCase(true, long.MaxValue, Held)]
    [TestCase(false, 10_000_000, "takes no long bodies")]
    [TestCase(false, 0, "refuses streams (413)")]
    [CancelAfter(30_000)]
    public async Task It_finds_what_the_path_takes(bool isHeld, long maxBody, string words, CancellationToken token)
    {
        InProcessPath path = Own(new InProcessPath(_relay.EndPoint) { HoldsRequests = isHeld, MaxBody = maxBody });

        Assert.That(await AskAsync(ProbeTo(path.EndPoint), path, token), Is.EqualTo(words != Streams));
        Assert.That(_log.Lines.Single(), Does.Contain(words));
    }

    /// <remarks>Others may hold them for as long as they like, and a tunnel whose way is not known may be one that stands still.</remarks>
    [Test]
    [CancelAfter(30_000)]
    public async Task It_needs_none_of_the_relay_s_places([Values] bool isHeld, CancellationToken token)
    {
        InProcessPath path = Own(new InProcessPath(_relay.EndPoint) { HoldsRequests = isHeld });
        for (int i = 0; i < ProbeTurns.MaxInAll; i++) _relay.Context.Probes.Turns.TryTake(new Principal($"other{i / ProbeTurns.MaxPerParty}", null, null!, null!));

        Assert.That(await AskAsync(ProbeTo(path.EndPoint), path, token), Is.EqualTo(isHeld));
        Assert.That(_log.Lines.Single(), Does.Contain(isHeld ? Held : Streams));
    }

    /// <remarks>Caddy and Apache httpd keep it; a tunnel waits for as long.</remarks>
    [TestCase(0, 500)]
    [TestCase(300, 600)]
    [TestCase(5000, 2000)]
    [CancelAfter(30_000)]
    public async Task An_answer_that_is_kept_until_the_body_ends_is_waited_for_twice_what_was_seen_to_take(int took, int waits, CancellationToken token)
    {
        InProcessPath path = Own(new InProcessPath(_relay.EndPoint) { KeepsEarlyAnswers = true });
        var time = new SteppingTime(_relay.Time) { Step = TimeSpan.FromMilliseconds(took) };
        Task<bool> asked = ProbeTo(path.EndPoint, time: time).NeedsSegmentsAsync(token).AsTask();
        await InProcessWait.UntilAsync(() => path.Has("probe/upload") && _relay.Time.Timers == ProbeTimers, "it waits for the answer", token);

        _relay.Time.Advance(TimeSpan.FromMilliseconds(waits - 1));
        Assert.That(_relay.Time.Timers, Is.EqualTo(ProbeTimers));
        _relay.Time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.That(await asked.ComesAsync(token), Is.False);
        Assert.That(_log.Lines.Single(), Does.Contain(Streams));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_finding_holds_until_a_tunnel_breaks_or_the_relay_is_lost(CancellationToken token)
    {
        InProcessPath path = Own(new InProcessPath(_relay.EndPoint));
        var link = new RelayLink(_relay.Time);
        UploadProbe probe = ProbeTo(path.EndPoint, link);
        Assert.That(await AskAsync(probe, path, token), Is.False);
        path.HoldsRequests = true;

        // It is 30 s old, and nothing speaks against it.
        _relay.Advance(30);
        Assert.That(await probe.NeedsSegmentsAsync(token), Is.False);
        probe.Doubt();
        Assert.That(await AskAsync(probe, path, token), Is.True);

        // Nothing is that old.
        path.HoldsRequests = false;
        probe.Doubt();
        link.Failed("no route", nextTry: null);
        Assert.That(await probe.NeedsSegmentsAsync(token), Is.True);
        _relay.Advance(30);
        Assert.That(await AskAsync(probe, path, token), Is.False);

        path.HoldsRequests = true;
        _relay.Advance(30);
        link.Succeeded();
        link.Failed("no route", nextTry: null);
        Assert.That(await AskAsync(probe, path, token), Is.True);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_stream_that_is_refused_for_its_length_is_the_last_one(CancellationToken token)
    {
        UploadProbe probe = ProbeTo(_relay.EndPoint);
        Assert.That(await probe.NeedsSegmentsAsync(token), Is.False);

        probe.OnRefused();
        probe.Doubt();

        Assert.That(await probe.NeedsSegmentsAsync(token), Is.True);
        Assert.That(_log.Lines[^1], Does.Contain("refused a stream (413)"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_relay_that_is_away_is_probed_when_it_is_back(CancellationToken token)
    {
        IPEndPoint away = FreePort.Take();
        UploadProbe probe = ProbeTo(away);
        Assert.That(await probe.NeedsSegmentsAsync(token), Is.False);
        Assert.That(_log.Lines, Is.Empty);

        await using var relay = new InProcessRelay(listen: away);

        Assert.That(await probe.NeedsSegmentsAsync(token), Is.False);
        Assert.That(_log.Lines.Single(), Does.Contain(Streams));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_relay_that_is_away_behind_something_that_is_there_is_probed_again([Values(429, 502, 503, 504)] int status, CancellationToken token)
    {
        TcpService service = Own(new TcpService());
        UploadProbe probe = ProbeTo(service.EndPoint);
        for (int i = 0; i < 2; i++)
        {
            Task<bool> asked = probe.NeedsSegmentsAsync(token).AsTask();
            using var peer = new InProcessPeer(await service.AcceptAsync(token));
            Assert.That((await peer.ReadMessageAsync(token)).StartLine, Is.EqualTo("POST /v1/probe/reports HTTP/1.1"));
            await peer.SendAsync($"HTTP/1.1 {status} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", token);
            Assert.That(await asked.ComesAsync(token), Is.False);
        }

        Assert.That(_log.Lines, Is.Empty);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_path_that_asks_the_relay_in_an_older_version_is_told(CancellationToken token)
    {
        InProcessPath path = Own(new InProcessPath(_relay.EndPoint) { IsOld = true });

        Assert.That(await ProbeTo(path.EndPoint).NeedsSegmentsAsync(token), Is.False);
        Assert.That(_log.Lines.Single(), Does.Contain("no tunnel can come about").And.Contain("HTTP/1.0 (426)"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_tunnel_waits_five_seconds_for_a_probe_and_goes_by_what_was_known(CancellationToken token)
    {
        TcpService silent = Own(new TcpService());
        UploadProbe probe = ProbeTo(silent.EndPoint);
        Task<bool> asked = probe.NeedsSegmentsAsync(token).AsTask();
        using var peer = new InProcessPeer(await silent.AcceptAsync(token));
        await peer.ReadHeadAsync(token);

        _relay.Time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.That(asked.IsCompleted, Is.False);
        _relay.Time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.That(await asked.ComesAsync(token), Is.False);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_proxy_that_stops_ends_the_probe(CancellationToken token)
    {
        TcpService silent = Own(new TcpService());
        Task<bool> asked = ProbeTo(silent.EndPoint).NeedsSegmentsAsync(token).AsTask();
        using var peer = new InProcessPeer(await silent.AcceptAsync(token));
        await peer.ReadHeadAsync(token);

        await _stopping.CancelAsync();

        Assert.That(await asked.ComesAsync(token), Is.False);
    }

    private UploadProbe ProbeTo(IPEndPoint endPoint, RelayLink? link = null, TimeProvider? time = null)
    {
        var client = Own(new RelayClient(InProcessServerProxy.UrlOf(endPoint), null, null, InProcessRelay.Home, new ProxyTimeouts(), Own(new Ticker(_relay.Time)), _relay.Time));
        return new UploadProbe(client, link ?? new RelayLink(_relay.Time), time ?? _relay.Time, _log, _stopping.Token);
    }

    /// <summary>Asks, and lets the time pass that it takes to find out that a body is held back.</summary>
    private async Task<bool> AskAsync(UploadProbe probe, InProcessPath path, CancellationToken token)
    {
        await InProcessWait.UntilAsync(() => !path.Has("probe/stream") && !path.Has("probe/upload"), "the last one is over", token);
        Task<bool> asked = probe.NeedsSegmentsAsync(token).AsTask();
        if (path.HoldsRequests)
        {
            await path.HoldAsync(() => asked.IsCompleted, () => _relay.Time.Timers == ProbeTimers, () => _relay.Advance(2), token);
        }

        return await asked.ComesAsync(token);
    }
}
