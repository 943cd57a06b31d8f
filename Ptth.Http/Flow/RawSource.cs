using Ptth.Http.Core;
using Ptth.Http.Transport;

namespace Ptth.Http.Flow;

/// <summary>A TCP connection's bytes as they are; its FIN is the clean end.</summary>
public sealed class RawSource(ByteChannel channel) : FlowSource(channel)
{
    /// <inheritdoc/>
    internal override bool EndsWithChannel => true;

    /// <inheritdoc/>
    internal override long SpliceableBytes => long.MaxValue;

    /// <inheritdoc/>
    internal override void Skip(int bytes)
    {
    }

    /// <inheritdoc/>
    internal override ChunkStep Next(ReadOnlySpan<byte> input, out ChunkPiece piece)
    {
        piece = new ChunkPiece { Consumed = input.Length, DataLength = input.Length };
        return input.IsEmpty ? ChunkStep.NeedMore : ChunkStep.Data;
    }
}
