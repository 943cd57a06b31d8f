using Ptth.Http.Core;

namespace Ptth.Http.Flow;

/// <summary>
/// The payload of the records in a chunked body. Chunks and records need not coincide: whoever stands in between may chunk anew. The
/// body's end is clean between two records only, and where the end is marked, behind the mark only.
/// </summary>
internal sealed class RecordSource(ChunkedBodySource body, bool marksEnd) : FlowSource(body.Channel)
{
    private RecordDecoder _records = new(marksEnd);

    // Of the piece of a chunk that the body found last: what has not been read of its data yet, and the framing behind that.
    private int _dataLeft;
    private int _behindData;
    private HttpViolation _violation;

    /// <inheritdoc/>
    internal override bool EndsWithChannel => false;

    /// <inheritdoc/>
    internal override HttpViolation Violation => _violation == HttpViolation.None ? body.Violation : _violation;

    /// <inheritdoc/>
    internal override bool HasSurplus => body.HasSurplus;

    /// <inheritdoc/>
    internal override int TakeSurplus(Span<byte> destination) => body.TakeSurplus(destination);

    /// <inheritdoc/>
    internal override long SpliceableBytes => Math.Min(body.SpliceableBytes, _records.Remaining);

    /// <inheritdoc/>
    /// <remarks>
    /// Behind the chunk's framing comes what is still to come of a record's length: no payload lies within so many bytes, however they
    /// are chunked.
    /// </remarks>
    internal override int FramingBytesIn(ReadOnlySpan<byte> ahead)
    {
        int framing = body.SpliceableBytes > 0 ? 0 : body.FramingBytesIn(ahead);
        return Math.Min(ahead.Length, framing + _records.HeaderBytesNeeded);
    }

    /// <inheritdoc/>
    internal override void Skip(int bytes)
    {
        body.Skip(bytes);
        _records.Skip(bytes);
    }

    /// <inheritdoc/>
    internal override ChunkStep Next(ReadOnlySpan<byte> input, out ChunkPiece piece)
    {
        piece = default;
        int at = 0;
        while (true)
        {
            if (_dataLeft == 0)
            {
                ChunkStep step = body.Next(input[at..], out ChunkPiece chunk);
                if (step == ChunkStep.End && _records.EndViolation is not HttpViolation.None and var violation) return Break(violation);
                if (step != ChunkStep.Data)
                {
                    piece.Consumed = at + chunk.Consumed;
                    return step;
                }

                at += chunk.DataStart;
                _dataLeft = chunk.DataLength;
                _behindData = chunk.Consumed - chunk.DataStart - chunk.DataLength;
            }

            if (!_records.TryNext(input.Slice(at, _dataLeft), out int start, out int length)) return Break(_records.Violation);
            piece.DataStart = at + start;
            piece.DataLength = length;
            at += start + length;
            _dataLeft -= start + length;
            if (_dataLeft == 0) at += _behindData;
            piece.Consumed = at;
            if (length > 0) return ChunkStep.Data;
        }
    }

    /// <inheritdoc/>
    internal override void End(ReadOnlySpan<byte> surplus) => body.End(surplus);

    private ChunkStep Break(HttpViolation violation)
    {
        _violation = violation;
        return ChunkStep.Invalid;
    }
}
