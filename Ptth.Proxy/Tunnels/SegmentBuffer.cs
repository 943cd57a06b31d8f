using System.Buffers;
using Ptth.Common.Protocol;
using Ptth.Http.Core;
using Ptth.Http.Transport;

namespace Ptth.Proxy.Tunnels;

/// <summary>
/// What is read from a TCP connection for one segment. It begins small and grows once to its bound, so that a thousand tunnels that
/// say little hold little; it is pooled, and held only while there is something in it.
/// </summary>
/// <param name="maxBytes">The longest segment.</param>
/// <param name="records">Null where the segment is its bytes alone; else it is a record, and the last one has the mark of the end behind it, where that was agreed on.</param>
internal sealed class SegmentBuffer(int maxBytes, RecordTerms? records) : IDisposable
{
    /// <summary>The size that it begins with, bytes.</summary>
    public const int FirstBytes = 64 * 1024;

    private readonly int _headerBytes = records is null ? 0 : RecordDecoder.HeaderBytes;
    private readonly int _endBytes = records is { MarkEnds: true } ? RecordDecoder.HeaderBytes : 0;
    private byte[] _array = ArrayPool<byte>.Shared.Rent(Math.Min(FirstBytes, maxBytes));
    private int _length = records is null ? 0 : RecordDecoder.HeaderBytes;

    /// <summary>Bytes of the TCP connection in it.</summary>
    public int PayloadBytes => _length - _headerBytes;

    /// <summary>Receives what is there, up to the bound, without waiting.</summary>
    /// <returns>Whether the TCP connection has ended.</returns>
    /// <exception cref="IOException">It is broken; <see cref="System.Net.Sockets.SocketException"/> likewise.</exception>
    public async ValueTask<bool> FillAsync(ByteChannel local)
    {
        do
        {
            if (_length == RoomEnd) Grow();
            int received = await local.ReceiveReadyAsync(_array.AsMemory(_length, RoomEnd - _length));
            if (received == 0) return true;
            if (received == ByteChannel.NothingReady) return false;
            _length += received;
        }
        while (_length < maxBytes - _endBytes && local.IsReadable);
        return false;
    }

    /// <summary>The segment; empty where nothing was received and no end is to be marked. Call it once.</summary>
    /// <param name="isLast">Whether the stream ends with it.</param>
    public ReadOnlyMemory<byte> Complete(bool isLast)
    {
        bool marksEnd = isLast && _endBytes > 0;
        if (PayloadBytes == 0 && !marksEnd) return default;
        int end = _length;
        // Of a stream that ends without another byte, the mark follows an empty record.
        if (_headerBytes > 0) RecordDecoder.WriteHeader(_array, PayloadBytes);
        if (marksEnd)
        {
            RecordDecoder.EndMark.CopyTo(_array.AsSpan(end));
            end += _endBytes;
        }

        return _array.AsMemory(0, end);
    }

    /// <summary>Where received bytes may reach to: behind them there is room for the mark.</summary>
    private int RoomEnd => Math.Min(maxBytes, _array.Length) - _endBytes;

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        if (_array.Length > 0) ArrayPool<byte>.Shared.Return(_array);
        _array = [];
    }

    private void Grow()
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(maxBytes);
        _array.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_array);
        _array = larger;
    }
}
