using BenchmarkDotNet.Attributes;
using Ptth.Http.Core;

namespace Ptth.Bench;

/// <summary>
/// 256 KiB of a chunked body. The baseline is what no decoder can avoid if its caller wants the data in one piece: copying the bytes.
/// Against Kestrel's, which is not public: <see cref="ChunkedBodyBenchmarks"/>.
/// </summary>
[MemoryDiagnoser]
public class ChunkDecoderBenchmarks
{
    private const int DataBytes = 256 * 1024;

    private readonly byte[] _destination = new byte[DataBytes];
    private byte[] _data = [];
    private byte[] _body = [];

    [Params(16, 1024, 16 * 1024)]
    public int ChunkBytes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _data = new byte[DataBytes];
        new Random(1).NextBytes(_data);
        var body = new MemoryStream();
        Span<byte> line = stackalloc byte[ChunkEncoder.MaxSizeLineBytes];
        for (int at = 0; at < DataBytes; at += ChunkBytes)
        {
            body.Write(line[..ChunkEncoder.WriteSizeLine(line, ChunkBytes)]);
            body.Write(_data.AsSpan(at, ChunkBytes));
            body.Write(ChunkEncoder.Crlf.Span);
        }

        body.Write(ChunkEncoder.LastChunk.Span);
        _body = body.ToArray();
    }

    [Benchmark(Baseline = true)]
    public void Copy() => _data.CopyTo(_destination, 0);

    [Benchmark]
    public int Decode()
    {
        var decoder = new ChunkDecoder(HttpLimits.Default);
        ReadOnlySpan<byte> rest = _body;
        int data = 0;
        while (decoder.Next(rest, out ChunkPiece piece) == ChunkStep.Data)
        {
            data += piece.DataLength;
            rest = rest[piece.Consumed..];
        }

        return data;
    }

    [Benchmark]
    public int DecodeAndCopy()
    {
        var decoder = new ChunkDecoder(HttpLimits.Default);
        ReadOnlySpan<byte> rest = _body;
        int data = 0;
        while (decoder.Next(rest, out ChunkPiece piece) == ChunkStep.Data)
        {
            rest.Slice(piece.DataStart, piece.DataLength).CopyTo(_destination.AsSpan(data));
            data += piece.DataLength;
            rest = rest[piece.Consumed..];
        }

        return data;
    }
}
