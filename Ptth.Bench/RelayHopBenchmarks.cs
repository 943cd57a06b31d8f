using System.Net.Sockets;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Ptth.Http.Core;

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
    private readonly byte[] _chunk = Encode(ChunkBytes);
    private readonly byte[] _message = Encode(MessageBytes);
    private ChunkDecoder _accepted = new(HttpLimits.Default);
    private ChunkDecoder _connected = new(HttpLimits.Default);
    private BareCopy _bare = null!;
    private RelayUnderTest _relay = null!;

    [GlobalSetup]
    public void Setup()
    {
        _bare = new BareCopy();
        _relay = new RelayUnderTest();
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _bare.Dispose();
        _relay.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>16 MiB in chunks of 64 KiB.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("bulk")]
    public void BulkBareCopy()
    {
        int framed = BulkBytes / ChunkBytes * _chunk.Length;
        Task sending = Task.Run(() => SendBulk(_bare.Source));
        for (int left = framed; left > 0;) left -= Receive(_bare.Destination);
        sending.GetAwaiter().GetResult();
    }

    /// <summary>The same through the relay.</summary>
    [Benchmark]
    [BenchmarkCategory("bulk")]
    public void BulkRelay()
    {
        Task sending = Task.Run(() => SendBulk(_relay.Upstream));
        ReceivePayload(_relay.Accept, ref _accepted, BulkBytes);
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
            _relay.Upstream.Send(_message);
            ReceivePayload(_relay.Accept, ref _accepted, MessageBytes);
            _relay.Downstream.Send(_message);
            ReceivePayload(_relay.Connect, ref _connected, MessageBytes);
        }
    }

    private static byte[] Encode(int dataBytes)
    {
        Span<byte> line = stackalloc byte[ChunkEncoder.MaxSizeLineBytes];
        int lineBytes = ChunkEncoder.WriteSizeLine(line, dataBytes);
        return [.. line[..lineBytes], .. new byte[dataBytes], .. ChunkEncoder.Crlf.Span];
    }

    private void SendBulk(Socket socket)
    {
        for (int sent = 0; sent < BulkBytes; sent += ChunkBytes) socket.Send(_chunk);
    }

    private int Receive(Socket socket)
    {
        int received = socket.Receive(_received);
        return received > 0 ? received : throw new InvalidOperationException("The connection ended.");
    }

    /// <summary>Receives chunks until that much payload has come.</summary>
    private void ReceivePayload(Socket socket, ref ChunkDecoder decoder, int payload)
    {
        int left = payload;
        while (left > 0)
        {
            ReadOnlySpan<byte> input = _received.AsSpan(0, Receive(socket));
            while (decoder.Next(input, out ChunkPiece piece) == ChunkStep.Data)
            {
                left -= piece.DataLength;
                input = input[piece.Consumed..];
            }
        }
    }
}
