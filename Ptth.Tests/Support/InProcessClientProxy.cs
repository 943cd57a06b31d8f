using System.Net;
using NUnit.Framework;
using Ptth.Common.Protocol;
using Ptth.Http.Transport;
using Ptth.Proxy;
using Ptth.Proxy.Configuration;
using Ptth.Proxy.Live;
using Ptth.Proxy.Relaying;
using Ptth.Proxy.Tunnels;

namespace Ptth.Tests.Support;

/// <summary>A client-side proxy in this process, with the clock of the test. All its connections go to <c>home/ssh</c>.</summary>
internal sealed class InProcessClientProxy : IAsyncDisposable
{
    private static readonly TimeSpan EndBound = TimeSpan.FromSeconds(15);
    private static readonly Forward Ssh = new(new IPEndPoint(IPAddress.Loopback, 0), "home", "ssh");

    private readonly CancellationTokenSource _draining = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly RelayClient _relay;
    private readonly RelayWatch _watch;
    private readonly TunnelSet _tunnels;
    private readonly ClientTerminator _terminator;
    private readonly List<InProcessPeer> _peers = [];
    private readonly List<Task> _served = [];

    public InProcessClientProxy(IPEndPoint relay, TimeProvider time, int maxTunnels = 1000, PtthKey? key = null, int keepAlive = 0, UploadSettings? upload = null, bool markEnds = false)
    {
        var config = new ClientProxyConfig { Relay = InProcessServerProxy.UrlOf(relay), Key = key ?? InProcessRelay.Laptop, Forwards = [Ssh], KeepAliveSeconds = keepAlive, MarkEnds = markEnds, Upload = upload ?? new UploadSettings(UploadMode.Stream) };
        Ticker = new Ticker(time);
        _relay = new RelayClient(config.Relay, config.Trust, config.HttpProxy?.Url, config.Key, config.Timeouts, Ticker, time);
        _tunnels = new TunnelSet(maxTunnels);
        Link = new RelayLink(time);
        _watch = new RelayWatch(_relay, Link, new Backoff(time, new Random(1)), Log);
        _terminator = new ClientTerminator(config, _relay, _watch, _tunnels, Traffic, new UploadProbe(_relay, Link, time, Log, _stopping.Token), Ticker, Log);
    }

    public Ticker Ticker { get; }

    /// <summary>How its requests go.</summary>
    public RelayLink Link { get; }

    /// <summary>What its tunnels move.</summary>
    public Traffic Traffic { get; } = new();

    public InProcessLog Log { get; } = new();

    /// <summary>A TCP connection to the local port.</summary>
    public InProcessPeer Connect()
    {
        InProcessTcp pair = InProcessTcp.Connect();
        var peer = new InProcessPeer(pair.Peers);
        _peers.Add(peer);
        _served.Add(_terminator.ServeAsync(Ssh, pair.Ours, _draining.Token, _stopping.Token));
        return peer;
    }

    /// <summary>Completes when a connection has been served, and its place is free.</summary>
    public Task WhenServedAsync(InProcessPeer peer) => _served[_peers.IndexOf(peer)];

    /// <summary>Completes when no tunnel is open.</summary>
    public Task WhenEmptyAsync() => _tunnels.WhenEmptyAsync();

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
        foreach (InProcessPeer peer in _peers) peer.Dispose();
        await Task.WhenAll(_served).WaitAsync(EndBound);
        Assert.That(_tunnels.WhenEmptyAsync().IsCompleted, Is.True, "a place is still taken");
        _watch.Dispose();
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
