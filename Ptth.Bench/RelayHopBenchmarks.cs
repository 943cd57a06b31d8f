using System.Net.Sockets;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Ptth.Common.Protocol;

namespace Ptth.Bench;

/// <summary>
/// One hop through a whole relay on loopback, from a POST's body into another exchange's response body, against a bare copy between
/// two sockets. Both run in this process, with the socket engine as the programs set it.
/// </summary>
[MemoryDiagnoser]
[CategoriesColumn]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
public class RelayHopBenchmarks : IDisposable
{
    private const int BulkBytes = 16 * 1024 * 1024;
    private const int ChunkBytes = 64 * 1024;
    private const int RoundTrips = 200;
    private const int MessageBytes = 64;

    private readonly byte[] _received = new byte[256 * 1024];
    private readonly byte[] _chunk = Chunks.Encode(ChunkBytes);
    private readonly byte[] _message = Chunks.Encode(MessageBytes);
    private BareCopy _bare = null!;
    private RelayUnderTest _relay = null!;
    private BenchTunnel _tunnel = null!;

    [GlobalSetup]
    public void Setup()
    {
        _bare = new BareCopy();
        PtthKey server = PtthKey.Generate(), client = PtthKey.Generate();
        _relay = new RelayUnderTest(server.Hash(), client.Hash());
        _tunnel = new BenchTunnel(_relay.Address, server, client);
        _tunnel.Open();
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _bare.Dispose();
        _tunnel.Dispose();
        _relay.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>16 MiB in chunks of 64 KiB.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("bulk")]
    public void BulkBareCopy()
    {
        int framed = BulkBytes / ChunkBytes * _chunk.Length;
        Task sending = Task.Run(() =>
        {
            for (int sent = 0; sent < framed; sent += _chunk.Length) _bare.Source.Send(_chunk);
        });
        for (int left = framed; left > 0;) left -= Receive(_bare.Destination);
        sending.GetAwaiter().GetResult();
    }

    /// <summary>The same through the relay.</summary>
    [Benchmark]
    [BenchmarkCategory("bulk")]
    public void BulkRelay()
    {
        Task sending = Task.Run(() =>
        {
            for (int sent = 0; sent < BulkBytes; sent += ChunkBytes) _tunnel.SendUp(_chunk);
        });
        _tunnel.ReceiveUp(BulkBytes);
        sending.GetAwaiter().GetResult();
    }

    /// <summary>64 bytes there and back.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = RoundTrips)]
    [BenchmarkCategory("round trip")]
    public void RoundTripBareCopy()
    {
        for (int i = 0; i < RoundTrips; i++)
        {
            _bare.Source.Send(_message);
            for (int left = _message.Length; left > 0;) left -= Receive(_bare.Destination);
            _bare.Destination.Send(_message);
            for (int left = _message.Length; left > 0;) left -= Receive(_bare.Source);
        }
    }

    /// <summary>The same through the relay: up by one pair of exchanges, down by the other.</summary>
    [Benchmark(OperationsPerInvoke = RoundTrips)]
    [BenchmarkCategory("round trip")]
    public void RoundTripRelay()
    {
        for (int i = 0; i < RoundTrips; i++)
        {
            _tunnel.SendUp(_message);
            _tunnel.ReceiveUp(MessageBytes);
            _tunnel.SendDown(_message);
            _tunnel.ReceiveDown(MessageBytes);
        }
    }

    private int Receive(Socket socket)
    {
        int received = socket.Receive(_received);
        return received > 0 ? received : throw new InvalidOperationException("The connection ended.");
    }
}
