using System.Net;
using NUnit.Framework;
using Ptth.Common.Net;
using Ptth.Common.Protocol;
using Ptth.Http.Transport;
using Ptth.Proxy;
using Ptth.Proxy.Configuration;
using Ptth.Proxy.Live;
using Ptth.Proxy.Relaying;
using Ptth.Proxy.Tunnels;

namespace Ptth.Tests.Support;

/// <summary>A server-side proxy in this process, with the clock of the test. It offers one port, <c>ssh</c>.</summary>
internal sealed class InProcessServerProxy : IAsyncDisposable
{
    private static readonly TimeSpan EndBound = TimeSpan.FromSeconds(15);

    private readonly CancellationTokenSource _draining = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly RelayClient _relay;
    private readonly TunnelSet _tunnels;
    private readonly ListenLoop[] _loops;

    /// <summary>Starts to listen at the relay.</summary>
    /// <param name="relay">Where the relay is.</param>
    /// <param name="target">What <c>ssh</c> means.</param>
    /// <param name="time">The clock.</param>
    /// <param name="listens">Listens kept open.</param>
    /// <param name="places">Tunnels and waiting listens together.</param>
    /// <param name="key">The key; null is the server <c>home</c>'s.</param>
    /// <param name="keepAlive">The longest time without a byte that it asks for, seconds.</param>
    /// <param name="upload">How its bytes go to the relay; null is as a stream.</param>
    /// <param name="markEnds">Whether it asks for marks of the streams' ends.</param>
    public InProcessServerProxy(IPEndPoint relay, IPEndPoint target, TimeProvider time, int listens = 1, int places = 1000, PtthKey? key = null, int keepAlive = 0, UploadSettings? upload = null, bool markEnds = false)
    {
        var port = new PortMapping("ssh", HostPort.TryParse(target.ToString(), out HostPort? parsed) ? parsed : throw new InvalidOperationException());
        var config = new ServerProxyConfig { Relay = UrlOf(relay), Key = key ?? InProcessRelay.Home, Ports = [port], KeepAliveSeconds = keepAlive, MarkEnds = markEnds, Upload = upload ?? new UploadSettings(UploadMode.Stream) };
        Ticker = new Ticker(time);
        _relay = new RelayClient(config.Relay, config.Trust, config.HttpProxy?.Url, config.Key, config.Timeouts, Ticker, time);
        _tunnels = new TunnelSet(places);
        Link = new RelayLink(time);
        var terminator = new ServerTerminator(config, _relay, Traffic, new UploadProbe(_relay, Link, time, Log, _stopping.Token), Ticker, time, Log);
        var backoff = new Backoff(time, new Random(1));
        _loops = [.. Enumerable.Range(0, listens).Select(_ => new ListenLoop(port, _relay, terminator, _tunnels, backoff, Link, Log))];
        Loops = Task.WhenAll(_loops.Select(loop => loop.RunAsync(_draining.Token, _stopping.Token)));
    }

    public Ticker Ticker { get; }

    /// <summary>How its requests go.</summary>
    public RelayLink Link { get; }

    /// <summary>What its tunnels move.</summary>
    public Traffic Traffic { get; } = new();

    public InProcessLog Log { get; } = new();

    /// <summary>Completes when no loop listens any more.</summary>
    public Task Loops { get; }

    /// <summary>Whether every loop has been answered as it should be.</summary>
    public bool IsServed => _loops.All(static loop => loop.Served.IsCompleted);

    /// <summary>Completes when no tunnel is open and no listen waits.</summary>
    public Task WhenEmptyAsync() => _tunnels.WhenEmptyAsync();

    /// <summary>The relay's URL.</summary>
    public static RelayUrl UrlOf(IPEndPoint relay) =>
        RelayUrl.TryParse($"http://{relay}", out RelayUrl? url, out string? problem) ? url : throw new ArgumentException(problem, nameof(relay));

    /// <summary>No new tunnels.</summary>
    public Task DrainAsync() => _draining.CancelAsync();

    /// <summary>Breaks off what is open.</summary>
    public async Task StopAsync()
    {
        await _draining.CancelAsync();
        await _stopping.CancelAsync();
    }

    /// <summary>Stops, and checks that nothing is left.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await Loops.WaitAsync(EndBound);
        await _tunnels.WhenEmptyAsync().WaitAsync(EndBound);
        _relay.Dispose();
        // A request that was broken off goes a moment after its tunnel.
        await Ticker.UntilEmptyAsync();
        Ticker.Dispose();
        _tunnels.Dispose();
        _draining.Dispose();
        _stopping.Dispose();
        Assert.That(Log.Errors, Is.Empty);
    }
}
