using Ptth.Http.Core;
using Ptth.Http.Transport;

namespace Ptth.Http.Flow;

/// <summary>A body with a Content-Length; its last byte is the clean end.</summary>
internal sealed class LengthBodySource(Connection connection, long length) : BodySource(connection)
{
    private long _remaining = length;

    /// <inheritdoc/>
    internal override bool IsEmpty => _remaining == 0;

    /// <inheritdoc/>
    internal override long SpliceableBytes => _remaining;

    /// <inheritdoc/>
    internal override void Skip(int bytes) => _remaining -= bytes;

    /// <inheritdoc/>
    internal override ChunkStep Next(ReadOnlySpan<byte> input, out ChunkPiece piece)
    {
        int length = (int)Math.Min(_remaining, input.Length);
        piece = new ChunkPiece { Consumed = length, DataLength = length };
        if (_remaining == 0) return ChunkStep.End;
        _remaining -= length;
        return length > 0 ? ChunkStep.Data : ChunkStep.NeedMore;
    }
}
