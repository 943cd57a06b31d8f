using System.Diagnostics;
using System.Runtime.InteropServices;
using Ptth.Http.Core;
using Ptth.Http.Transport;

namespace Ptth.Http.Flow;

/// <summary>
/// A chunked body. Chunked coding belongs to one connection (RFC 9112 section 7.1.1), so every chunk is framed anew; a whole chunk
/// that already lies in the buffer as it would be written goes out as it lies.
/// </summary>
/// <remarks>
/// The framing is written around the payload where it lies, so that most buffers leave as one segment: the size line into the
/// headroom, or over the sender's own size line, which is at least as long; the CRLF is the sender's own, or goes behind the data.
/// </remarks>
public sealed class ChunkedSink(ByteChannel channel) : FlowSink(channel)
{
    /// <summary>
    /// Chunks up to this length are moved next to the one before: a sender that pads its size lines would otherwise cost a send for every few
    /// of them.
    /// </summary>
    private const int MaxMovedBytes = 1024;

    private static readonly byte[] Crlf = ArrayOf(ChunkEncoder.Crlf);
    private static readonly byte[] LastChunk = ArrayOf(ChunkEncoder.LastChunk);

    private byte[]? _line;
    private bool _owesCrlf;

    /// <inheritdoc/>
    internal override bool OwesFraming => _owesCrlf;

    /// <summary>The CRLF of the spliced chunk before, where it is owed, and the size line.</summary>
    internal override ReadOnlyMemory<byte> FrameSpliced(int pieceBytes)
    {
        _line ??= new byte[Crlf.Length + ChunkEncoder.MaxSizeLineBytes];
        int start = 0;
        if (_owesCrlf)
        {
            Crlf.CopyTo(_line, 0);
            start = Crlf.Length;
        }

        _owesCrlf = true;
        return _line.AsMemory(0, start + ChunkEncoder.WriteSizeLine(_line.AsSpan(start), pieceBytes));
    }

    /// <inheritdoc/>
    internal override void AddOwedFraming(FlowScratch scratch)
    {
        if (_owesCrlf) scratch.Gather.Add(Crlf, 0, Crlf.Length);
        _owesCrlf = false;
    }

    /// <inheritdoc/>
    internal override void Add(FlowScratch scratch, in ChunkPiece piece, int inputStart, int inputEnd)
    {
        AddOwedFraming(scratch);
        int unreadFrom = inputStart + piece.Consumed;
        if (piece.VerbatimLength > 0)
        {
            AddFramed(scratch, inputStart + piece.VerbatimStart, piece.VerbatimLength, unreadFrom);
            return;
        }

        byte[] buffer = scratch.Buffer;
        int dataStart = inputStart + piece.DataStart;
        int dataEnd = dataStart + piece.DataLength;
        int room = dataStart - ChunkEncoder.MaxSizeLineBytes;
        int start = room + ChunkEncoder.WriteSizeLineBefore(buffer.AsSpan(room, ChunkEncoder.MaxSizeLineBytes), piece.DataLength);
        Debug.Assert(scratch.FreeFrom <= start, "The size line lies where only framing was that has been read.");

        if (dataEnd == inputEnd || (dataEnd + 1 == inputEnd && buffer[dataEnd] == '\r'))
        {
            // Behind the received bytes there is room; a CR that was received stays what it is.
            buffer[dataEnd] = (byte)'\r';
            buffer[dataEnd + 1] = (byte)'\n';
        }
        else if (buffer[dataEnd] != '\r' || buffer[dataEnd + 1] != '\n')
        {
            // Bytes that are not ours to overwrite: what follows a body with a length, or a violation that the decoder is to find.
            scratch.Gather.Add(buffer, start, dataEnd - start);
            scratch.Gather.Add(Crlf, 0, Crlf.Length);
            scratch.FreeFrom = dataEnd;
            return;
        }

        // Where nothing is left to read, what lies behind is free, too.
        AddFramed(scratch, start, dataEnd + Crlf.Length - start, unreadFrom == inputEnd ? int.MaxValue : unreadFrom);
    }

    private static void AddFramed(FlowScratch scratch, int start, int length, int unreadFrom)
    {
        bool moves = length <= MaxMovedBytes && start != scratch.FreeFrom && scratch.Gather.Count > 0;
        if (moves && scratch.FreeFrom + length <= unreadFrom)
        {
            // What lies between the last segment and this chunk is framing that has been read.
            Buffer.BlockCopy(scratch.Buffer, start, scratch.Buffer, scratch.FreeFrom, length);
            start = scratch.FreeFrom;
        }

        scratch.Gather.Add(scratch.Buffer, start, length);
        scratch.FreeFrom = start + length;
    }

    /// <inheritdoc/>
    private protected override void AddEndFraming(FlowScratch scratch)
    {
        AddOwedFraming(scratch);
        scratch.Gather.Add(LastChunk, 0, LastChunk.Length);
    }

    /// <inheritdoc/>
    internal override void End()
    {
    }

    private static byte[] ArrayOf(ReadOnlyMemory<byte> bytes)
    {
        MemoryMarshal.TryGetArray(bytes, out ArraySegment<byte> segment);
        return segment.Array!;
    }
}
