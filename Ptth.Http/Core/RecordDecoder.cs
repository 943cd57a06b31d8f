using System.Buffers.Binary;

namespace Ptth.Http.Core;

/// <summary>
/// The reader of records, which two proxies may put into their streams so that a byte can be sent that means nothing: a length of four
/// bytes, the most significant first, and so many bytes of payload. A length of 0 keeps a stream alive. Where that was agreed on,
/// <see cref="EndMark"/> in place of a length ends the stream, so that the body's end alone does not.
/// </summary>
/// <remarks>
/// The length is fixed so that it and the size line of the chunk around it can be written in front of the payload where that lies,
/// before anything is known but its length. A mutable struct: keep it in one place. It has no buffer; a length may come in pieces.
/// </remarks>
/// <param name="marksEnd">Whether the stream ends with the mark, and a body that ends without it is a part only.</param>
public struct RecordDecoder(bool marksEnd)
{
    /// <summary>The length's own length, and the mark's.</summary>
    public const int HeaderBytes = 4;

    private uint _length;
    private int _headerBytes;
    private int _remaining;
    private bool _hasEnded;

    /// <summary>What ends a stream. No length: those are below 2^31.</summary>
    public static ReadOnlySpan<byte> EndMark => [0xff, 0xff, 0xff, 0xff];

    /// <summary>Payload of the present record that has not been seen yet.</summary>
    public readonly int Remaining => _remaining;

    /// <summary>How many bytes of a length come before the next payload, at least.</summary>
    public readonly int HeaderBytesNeeded => _remaining > 0 ? 0 : HeaderBytes - _headerBytes;

    /// <summary>What was wrong, after <see cref="TryNext"/> has said so.</summary>
    public HttpViolation Violation { get; private set; }

    /// <summary>What is wrong where the stream ends here; none where it may.</summary>
    public readonly HttpViolation EndViolation =>
        _remaining > 0 || _headerBytes > 0 ? HttpViolation.RecordCutOff
        : marksEnd && !_hasEnded ? HttpViolation.EndNotMarked
        : HttpViolation.None;

    /// <summary>Writes a record's length at the start of <paramref name="destination"/>.</summary>
    public static void WriteHeader(Span<byte> destination, int payloadBytes) => BinaryPrimitives.WriteInt32BigEndian(destination, payloadBytes);

    /// <summary>Finds the next piece of payload. Call it again with the input behind that piece.</summary>
    /// <param name="input">Bytes of the stream that no earlier step took.</param>
    /// <param name="start">How many of them come before the payload.</param>
    /// <param name="length">How many of them are payload; 0 where the input has none.</param>
    /// <returns>False where these are no bytes of a record, and nothing can be read behind them; see <see cref="Violation"/>.</returns>
    public bool TryNext(ReadOnlySpan<byte> input, out int start, out int length)
    {
        start = length = 0;
        while (_remaining == 0)
        {
            if (start == input.Length) return true;
            if (_hasEnded) return Fail(HttpViolation.RecordBehindEnd);
            if (_headerBytes == 0 && input[start] > 0x7f && !(marksEnd && input[start] == EndMark[0])) return Fail(HttpViolation.RecordTooLong);
            _length = (_length << 8) | input[start++];
            if (++_headerBytes < HeaderBytes) continue;
            _hasEnded = _length == uint.MaxValue;
            if (!_hasEnded && _length > int.MaxValue) return Fail(HttpViolation.RecordTooLong);
            _remaining = _hasEnded ? 0 : (int)_length;
            _headerBytes = 0;
            _length = 0;
        }

        length = Math.Min(_remaining, input.Length - start);
        _remaining -= length;
        return true;
    }

    /// <summary>Payload of the present record went past by another way (a kernel pipe); at most <see cref="Remaining"/>.</summary>
    public void Skip(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, _remaining);
        _remaining -= bytes;
    }

    private bool Fail(HttpViolation violation)
    {
        Violation = violation;
        return false;
    }
}
