using Ptth.Http.Core;
using Ptth.Http.Transport;

namespace Ptth.Http.Flow;

/// <summary>A TCP connection that gets the payload as it is; the clean end is a FIN.</summary>
public sealed class RawSink(ByteChannel channel) : FlowSink(channel)
{
    /// <summary>
    /// Pieces up to this length are moved next to the one before: cheaper than a segment of their own, and many small chunks do not
    /// fill the gather list.
    /// </summary>
    private const int MaxMovedBytes = 1024;

    /// <inheritdoc/>
    internal override bool OwesFraming => false;

    /// <inheritdoc/>
    internal override ReadOnlyMemory<byte> FrameSpliced(int pieceBytes) => default;

    /// <inheritdoc/>
    internal override void AddOwedFraming(FlowScratch scratch)
    {
    }

    /// <inheritdoc/>
    internal override void Add(FlowScratch scratch, in ChunkPiece piece, int inputStart, int inputEnd)
    {
        int start = inputStart + piece.DataStart;
        if (piece.DataLength <= MaxMovedBytes && scratch.Gather.Count > 0)
        {
            // What lies between the last segment and this piece is framing that has been read.
            Buffer.BlockCopy(scratch.Buffer, start, scratch.Buffer, scratch.FreeFrom, piece.DataLength);
            start = scratch.FreeFrom;
        }

        scratch.Gather.Add(scratch.Buffer, start, piece.DataLength);
        scratch.FreeFrom = start + piece.DataLength;
    }

    /// <inheritdoc/>
    private protected override void AddEndFraming(FlowScratch scratch)
    {
    }

    /// <inheritdoc/>
    internal override void End() => Channel.ShutdownSend();
}
