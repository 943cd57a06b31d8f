using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Ptth.Common.Protocol;

namespace Ptth.Bench;

/// <summary>
/// A whole relay against one that is written on Kestrel in the usual way, each in a process of its own whose CPU time is measured:
/// bulk, a round trip of 64 bytes, and the set-up and end of a tunnel on kept connections.
/// </summary>
[CategoriesColumn]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
public class RelayAgainstKestrelBenchmarks : IDisposable
{
    private const int BulkBytes = 32 * 1024 * 1024;
    private const int ChunkBytes = 256 * 1024;
    private const int RoundTrips = 200;
    private const int MessageBytes = 64;
    private const int Tunnels = 50;

    private readonly byte[] _chunk = Chunks.Encode(ChunkBytes);
    private readonly byte[] _message = Chunks.Encode(MessageBytes);
    private RelayProcess _relay = null!;
    private BenchTunnel _tunnel = null!;
    private CpuRecord _cpu = null!;

    [GlobalSetup(Targets = [nameof(BulkKestrel), nameof(RoundTripKestrel), nameof(SetUpKestrel)])]
    public void StartKestrel() => Start("kestrel");

    [GlobalSetup(Targets = [nameof(BulkPtth), nameof(RoundTripPtth), nameof(SetUpPtth)])]
    public void StartPtth() => Start("ptth");

    [GlobalCleanup]
    public void Dispose()
    {
        _cpu.Save(_relay.CpuTime);
        _tunnel.Dispose();
        _relay.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark(Baseline = true)]
    [BenchmarkCategory("bulk, 32 MiB")]
    public void BulkKestrel() => Bulk(nameof(BulkKestrel));

    [Benchmark]
    [BenchmarkCategory("bulk, 32 MiB")]
    public void BulkPtth() => Bulk(nameof(BulkPtth));

    [Benchmark(Baseline = true, OperationsPerInvoke = RoundTrips)]
    [BenchmarkCategory("64 B round trip")]
    public void RoundTripKestrel() => RoundTrip(nameof(RoundTripKestrel));

    [Benchmark(OperationsPerInvoke = RoundTrips)]
    [BenchmarkCategory("64 B round trip")]
    public void RoundTripPtth() => RoundTrip(nameof(RoundTripPtth));

    [Benchmark(Baseline = true, OperationsPerInvoke = Tunnels)]
    [BenchmarkCategory("tunnel set-up")]
    public void SetUpKestrel() => SetUp(nameof(SetUpKestrel));

    [Benchmark(OperationsPerInvoke = Tunnels)]
    [BenchmarkCategory("tunnel set-up")]
    public void SetUpPtth() => SetUp(nameof(SetUpPtth));

    private void Start(string kind)
    {
        PtthKey server = PtthKey.Generate(), client = PtthKey.Generate();
        _relay = RelayProcess.Start(kind, server, client);
        _tunnel = new BenchTunnel(_relay.Address, server, client);
        _tunnel.Open();
        _cpu = new CpuRecord(_relay.CpuTime);
    }

    private void Bulk(string benchmark)
    {
        Task sending = Task.Run(() =>
        {
            for (int sent = 0; sent < BulkBytes; sent += ChunkBytes) _tunnel.SendUp(_chunk);
        });
        _tunnel.ReceiveUp(BulkBytes);
        sending.GetAwaiter().GetResult();
        _cpu.Add(benchmark, 1);
    }

    private void RoundTrip(string benchmark)
    {
        for (int i = 0; i < RoundTrips; i++)
        {
            _tunnel.SendUp(_message);
            _tunnel.ReceiveUp(MessageBytes);
            _tunnel.SendDown(_message);
            _tunnel.ReceiveDown(MessageBytes);
        }

        _cpu.Add(benchmark, RoundTrips);
    }

    private void SetUp(string benchmark)
    {
        for (int i = 0; i < Tunnels; i++)
        {
            _tunnel.Close();
            _tunnel.Open();
        }

        _cpu.Add(benchmark, Tunnels);
    }
}
