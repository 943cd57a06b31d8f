using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using Ptth.Common.Protocol;
using Ptth.Http.Transport;
using Ptth.Proxy.Configuration;
using Ptth.Proxy.Live;
using Ptth.Proxy.Relaying;
using Ptth.Tests.Support;

namespace Ptth.Tests.Proxy;

/// <summary>How a client-side proxy finds out whether its relay can be used, with a relay by hand.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class RelayWatchTests : InProcessTest
{
    private const string Healthy = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n";

    private readonly FakeTimeProvider _time = new();
    private readonly InProcessLog _log;
    private readonly TcpService _service;
    private readonly RelayLink _link;
    private readonly RelayWatch _watch;
    private readonly CancellationTokenSource _draining;

    public RelayWatchTests()
    {
        _log = Own(new InProcessLog());
        _service = Own(new TcpService());
        var relay = Own(new RelayClient(
            InProcessServerProxy.UrlOf(_service.EndPoint), null, null, PtthKey.Generate(), new ProxyTimeouts(), Own(new Ticker(_time)), _time));
        _link = new RelayLink(_time);
        _watch = Own(new RelayWatch(relay, _link, new Backoff(_time, new Random(1)), _log));
        _draining = Own(new CancellationTokenSource());
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_relay_that_is_well_is_asked_once_and_without_the_key(CancellationToken token)
    {
        Task watching = _watch.RunAsync(_draining.Token);
        using InProcessPeer peer = await AcceptAsync(token);
        Assert.That((await peer.ReadHeadAsync(token)).Head, Does.StartWith("GET /v1/health HTTP/1.1\r\n").And.Not.Contain("ptth_"));
        await peer.SendAsync(Healthy, token);

        await _log.LineAsync("the relay answers", token);
        Assert.That(_link.Report().State, Is.EqualTo(LinkState.Connected));
        await _draining.CancelAsync();
        await watching.ComesAsync(token);
    }

    [TestCase("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nwelcome", "the answer 200 is not a relay's")]
    [TestCase("HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\nno\n", "the answer 404 is not a relay's")]
    [TestCase("nonsense\r\n\r\n", "")]
    [CancelAfter(30_000)]
    public async Task What_is_not_a_relay_is_asked_again_later(string answer, string reason, CancellationToken token)
    {
        Task watching = _watch.RunAsync(_draining.Token);
        using InProcessPeer first = await AcceptAsync(token);
        await first.ReadHeadAsync(token);
        await first.SendAsync(answer, token);
        await _log.LineAsync("the relay cannot be used", token);
        LinkReport report = _link.Report();
        Assert.That(report.State, Is.EqualTo(LinkState.Lost));
        Assert.That(report.Reason, Does.Contain(reason));
        Assert.That(report.NextTry, Is.LessThanOrEqualTo(Backoff.First));
        first.Reset();

        await AdvanceUntilAskedAsync(token);

        await _log.LineAsync("the relay can be used again", token);
        Assert.That(_link.Report().State, Is.EqualTo(LinkState.Connected));
        await _draining.CancelAsync();
        await watching.ComesAsync(token);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task After_a_request_that_failed_the_relay_is_asked(CancellationToken token)
    {
        Task watching = _watch.RunAsync(_draining.Token);
        using (InProcessPeer peer = await AcceptAsync(token))
        {
            await peer.ReadHeadAsync(token);
            await peer.SendAsync(Healthy, token);
            await _log.LineAsync("the relay answers", token);
            peer.Reset();
        }

        _watch.Failed("it broke");
        _watch.Failed("it broke");
        using InProcessPeer second = await AcceptAsync(token);
        await second.ReadHeadAsync(token);
        Assert.That(_link.Report().Reason, Is.EqualTo("it broke"));
        await second.SendAsync(Healthy, token);

        await InProcessWait.UntilAsync(() => _link.IsConnected, "the relay is there again", token);
        await _draining.CancelAsync();
        await watching.ComesAsync(token);
    }

    private async Task AdvanceUntilAskedAsync(CancellationToken token)
    {
        Task<InProcessPeer> accepting = AcceptAsync(token);
        await InProcessWait.UntilAsync(() =>
        {
            _time.Advance(Backoff.First);
            return accepting.IsCompleted;
        }, "the relay is asked again", token);
        using InProcessPeer peer = await accepting;
        await peer.ReadHeadAsync(token);
        await peer.SendAsync(Healthy, token);
    }

    private async Task<InProcessPeer> AcceptAsync(CancellationToken token) => new(await _service.AcceptAsync(token));
}
