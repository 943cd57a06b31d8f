using System.Numerics;
using Ptth.Http.Core;
using Ptth.Http.Transport;

namespace Ptth.Http.Flow;

/// <summary>A chunked body; the last chunk is the clean end.</summary>
internal sealed class ChunkedBodySource(Connection connection, HttpLimits limits) : BodySource(connection)
{
    private ChunkDecoder _decoder = new(limits);
    private int _sizeDigits = 1;

    /// <inheritdoc/>
    internal override HttpViolation Violation => _decoder.Violation;

    /// <inheritdoc/>
    internal override long SpliceableBytes => _decoder.RemainingInChunk;

    /// <summary>CRLF, a size line as long as the last one, and its CRLF: senders of bulk send chunks of like sizes.</summary>
    internal override int FramingBytesAhead => _sizeDigits + 4;

    /// <inheritdoc/>
    internal override void Skip(int bytes) => _decoder.SkipData(bytes);

    /// <inheritdoc/>
    internal override ChunkStep Next(ReadOnlySpan<byte> input, out ChunkPiece piece)
    {
        ChunkStep step = _decoder.Next(input, out piece);
        long length = piece.DataLength + _decoder.RemainingInChunk;
        if (length > 0) _sizeDigits = (BitOperations.Log2((ulong)length) / 4) + 1;
        return step;
    }
}
