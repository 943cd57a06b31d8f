using Ptth.Http.Core;
using Ptth.Http.Transport;

namespace Ptth.Http.Flow;

/// <summary>A chunked body; the last chunk is the clean end.</summary>
internal sealed class ChunkedBodySource(Connection connection, HttpLimits limits) : BodySource(connection)
{
    private ChunkDecoder _decoder = new(limits);

    /// <inheritdoc/>
    internal override HttpViolation Violation => _decoder.Violation;

    /// <inheritdoc/>
    internal override long SpliceableBytes => _decoder.RemainingInChunk;

    /// <inheritdoc/>
    internal override int FramingBytesIn(ReadOnlySpan<byte> ahead)
    {
        // A copy looks ahead; the decoder itself sees the bytes once they are received.
        ChunkDecoder scout = _decoder;
        return scout.Next(ahead, out ChunkPiece piece) == ChunkStep.Data ? piece.DataStart : ahead.Length;
    }

    /// <inheritdoc/>
    internal override void Skip(int bytes) => _decoder.SkipData(bytes);

    /// <inheritdoc/>
    internal override ChunkStep Next(ReadOnlySpan<byte> input, out ChunkPiece piece) => _decoder.Next(input, out piece);
}
