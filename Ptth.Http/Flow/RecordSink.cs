using Ptth.Http.Core;
using Ptth.Http.Transport;

namespace Ptth.Http.Flow;

/// <summary>
/// A chunked body of records. Each piece of payload is one record in a chunk of its own: the chunk's size line and the record's length
/// stand together in front of it, so that it costs no send and no segment more than without records. For raw sources only, whose
/// pieces begin where there is headroom.
/// </summary>
/// <param name="channel">What the bytes are sent on.</param>
/// <param name="marksEnd">Whether the clean end is marked in front of the last chunk.</param>
public sealed class RecordSink(ByteChannel channel, bool marksEnd) : FlowSink(channel)
{
    /// <summary>A record without payload, in its chunk.</summary>
    private static readonly ReadOnlyMemory<byte> KeepAlive = "4\r\n\0\0\0\0\r\n"u8.ToArray();

    private const int LongestHeader = ChunkEncoder.MaxSizeLineBytes + RecordDecoder.HeaderBytes;
    private const int CrlfBytes = 2;

    private static readonly byte[] Crlf = ChunkEncoder.Crlf.ToArray();
    private static readonly byte[] LastChunk = ChunkEncoder.LastChunk.ToArray();
    private static readonly byte[] MarkedEnd = [.. "4\r\n"u8, .. RecordDecoder.EndMark, .. Crlf, .. LastChunk];

    private byte[]? _line;
    private bool _owesCrlf;

    /// <summary>Sends a record without payload. Only while the flow waits for bytes. A connection that fails is not told of: whoever reads from it sees that.</summary>
    public async Task SendKeepAliveAsync()
    {
        try
        {
            await Channel.SendAsync(KeepAlive);
        }
        catch (Exception failure) when (Connection.IsConnectionFailure(failure))
        {
            // The flow sees it, too, when it sends.
        }
    }

    /// <inheritdoc/>
    internal override bool OwesFraming => _owesCrlf;

    /// <inheritdoc/>
    internal override ReadOnlyMemory<byte> FrameSpliced(int pieceBytes)
    {
        _line ??= new byte[CrlfBytes + LongestHeader];
        int start = 0;
        if (_owesCrlf)
        {
            Crlf.CopyTo(_line, 0);
            start = CrlfBytes;
        }

        _owesCrlf = true;
        start += ChunkEncoder.WriteSizeLine(_line.AsSpan(start), RecordDecoder.HeaderBytes + pieceBytes);
        RecordDecoder.WriteHeader(_line.AsSpan(start), pieceBytes);
        return _line.AsMemory(0, start + RecordDecoder.HeaderBytes);
    }

    /// <inheritdoc/>
    internal override void AddOwedFraming(FlowScratch scratch)
    {
        if (_owesCrlf) scratch.Gather.Add(Crlf, 0, CrlfBytes);
        _owesCrlf = false;
    }

    /// <inheritdoc/>
    internal override void Add(FlowScratch scratch, in ChunkPiece piece, int inputStart, int inputEnd)
    {
        AddOwedFraming(scratch);
        byte[] buffer = scratch.Buffer;
        int dataStart = inputStart + piece.DataStart;
        int dataEnd = dataStart + piece.DataLength;
        int header = dataStart - RecordDecoder.HeaderBytes;
        RecordDecoder.WriteHeader(buffer.AsSpan(header), piece.DataLength);
        int room = header - ChunkEncoder.MaxSizeLineBytes;
        int start = room + ChunkEncoder.WriteSizeLineBefore(
            buffer.AsSpan(room, ChunkEncoder.MaxSizeLineBytes), RecordDecoder.HeaderBytes + piece.DataLength);
        buffer[dataEnd] = (byte)'\r';
        buffer[dataEnd + 1] = (byte)'\n';
        scratch.Gather.Add(buffer, start, dataEnd + CrlfBytes - start);
        scratch.FreeFrom = dataEnd + CrlfBytes;
    }

    /// <inheritdoc/>
    private protected override void AddEndFraming(FlowScratch scratch)
    {
        AddOwedFraming(scratch);
        byte[] end = marksEnd ? MarkedEnd : LastChunk;
        scratch.Gather.Add(end, 0, end.Length);
    }

    /// <inheritdoc/>
    internal override void End()
    {
    }
}
