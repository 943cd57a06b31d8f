using System.Buffers.Binary;

namespace Ptth.Http.Core;

/// <summary>
/// The reader of records, which two proxies may put into their streams so that a byte can be sent that means nothing: a length of four
/// bytes, the most significant first, and so many bytes of payload. A length of 0 keeps a stream alive.
/// </summary>
/// <remarks>
/// The length is fixed so that it and the size line of the chunk around it can be written in front of the payload where that lies,
/// before anything is known but its length. A mutable struct: keep it in one place. It has no buffer; a length may come in pieces.
/// </remarks>
public struct RecordDecoder
{
    /// <summary>The length's own length.</summary>
    public const int HeaderBytes = 4;

    private int _length;
    private int _headerBytes;
    private int _remaining;

    /// <summary>Payload of the present record that has not been seen yet.</summary>
    public readonly int Remaining => _remaining;

    /// <summary>How many bytes of a length come before the next payload, at least.</summary>
    public readonly int HeaderBytesNeeded => _remaining > 0 ? 0 : HeaderBytes - _headerBytes;

    /// <summary>Whether the stream may end here.</summary>
    public readonly bool IsAtBoundary => _remaining == 0 && _headerBytes == 0;

    /// <summary>Writes a record's length at the start of <paramref name="destination"/>.</summary>
    public static void WriteHeader(Span<byte> destination, int payloadBytes) => BinaryPrimitives.WriteInt32BigEndian(destination, payloadBytes);

    /// <summary>Finds the next piece of payload. Call it again with the input behind that piece.</summary>
    /// <param name="input">Bytes of the stream that no earlier step took.</param>
    /// <param name="start">How many of them come before the payload.</param>
    /// <param name="length">How many of them are payload; 0 where the input has none.</param>
    /// <returns>False where a length is over 2^31 - 1: no bytes of a record, and nothing can be read behind it.</returns>
    public bool TryNext(ReadOnlySpan<byte> input, out int start, out int length)
    {
        start = length = 0;
        while (_remaining == 0)
        {
            if (start == input.Length) return true;
            if (_headerBytes == 0 && input[start] > 0x7f) return false;
            _length = (_length << 8) | input[start++];
            if (++_headerBytes < HeaderBytes) continue;
            _remaining = _length;
            _length = _headerBytes = 0;
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
}
