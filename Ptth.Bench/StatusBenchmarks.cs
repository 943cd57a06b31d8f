using System.Net;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;
using Ptth.Common.Protocol;
using Ptth.Http.Transport;
using Ptth.Relay;
using Ptth.Relay.Admin;
using Ptth.Relay.Admin.Metrics;
using Ptth.Relay.Admin.Status;
using Ptth.Relay.Admission;
using Ptth.Relay.Configuration;
using Ptth.Relay.Rendezvous;
using Ptth.Relay.Tunnels;

namespace Ptth.Bench;

/// <summary>What the admin listener costs: a look at all tunnels each second, and a status each second where somebody watches.</summary>
[MemoryDiagnoser]
public class StatusBenchmarks : IDisposable
{
    private Ticker _ticker = null!;
    private RelayServer _server = null!;
    private TrafficSampler _sampler = null!;
    private StatusSource _source = null!;
    private RelayMetrics _metrics = null!;
    private long _now;

    /// <summary>How many tunnels there are.</summary>
    [Params(0, 1000)]
    public int Tunnels { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        _ticker = new Ticker(TimeProvider.System);
        var config = new RelayConfig
        {
            Listen = [new IPEndPoint(IPAddress.Loopback, 0)],
            Limits = new RelayLimits { MaxTunnels = 1000, MaxTunnelsPerClient = 1000 },
            Servers = [new ServerEntry("home", new PartyKey(PtthKey.Generate().Hash()))],
            Clients = [new ClientEntry("laptop", new PartyKey(PtthKey.Generate().Hash()), [])],
        };
        var context = new RelayContext(new Authenticator(config, TimeProvider.System), new InMemoryRendezvous(config.Limits, TimeProvider.System),
            new TunnelTable(config, _ticker, NullLogger.Instance), _ticker, TimeProvider.System, NullLogger.Instance);
        _server = new RelayServer(context, certificate: null);
        _sampler = new TrafficSampler(context);
        _source = new StatusSource(context, _server, _sampler);
        _metrics = new RelayMetrics(context, _server, _sampler);
        for (int i = 0; i < Tunnels; i++)
            if (!context.Tunnels.TryCreate("laptop", new PortAddress("home", "ssh"), out _, out _)) throw new InvalidOperationException("There are too many.");
        _now = _ticker.NowMilliseconds;
    }

    /// <inheritdoc/>
    [GlobalCleanup]
    public void Dispose()
    {
        _server.Dispose();
        _ticker.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The look.</summary>
    [Benchmark(Baseline = true)]
    public void Look() => _sampler.Look(_now += 1000);

    /// <summary>The status as JSON.</summary>
    [Benchmark]
    public int Status() => JsonSerializer.SerializeToUtf8Bytes(_source.Make(), StatusJson.Default.StatusDocument).Length;

    /// <summary>The metrics as text.</summary>
    [Benchmark]
    public int Metrics() => _metrics.Make().Length;
}
