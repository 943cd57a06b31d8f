using System.Buffers;
using Ptth.Http.Core;
using Ptth.Http.Transport;

namespace Ptth.Proxy.Tunnels;

/// <summary>
/// What is read from a TCP connection for one segment. It begins small and grows once to its bound, so that a thousand tunnels that
/// say little hold little; it is pooled, and held only while there is something in it.
/// </summary>
/// <param name="maxBytes">The longest segment.</param>
/// <param name="isRecord">Whether the segment is a record: its length stands in front of its bytes.</param>
internal sealed class SegmentBuffer(int maxBytes, bool isRecord) : IDisposable
{
    /// <summary>The size that it begins with, bytes.</summary>
    public const int FirstBytes = 64 * 1024;

    private readonly int _headerBytes = isRecord ? RecordDecoder.HeaderBytes : 0;
    private byte[] _array = ArrayPool<byte>.Shared.Rent(Math.Min(FirstBytes, maxBytes));
    private int _length = isRecord ? RecordDecoder.HeaderBytes : 0;

    /// <summary>Bytes of the TCP connection in it.</summary>
    public int PayloadBytes => _length - _headerBytes;

    /// <summary>Receives what is there, up to the bound, without waiting.</summary>
    /// <returns>Whether the TCP connection has ended.</returns>
    /// <exception cref="IOException">It is broken; <see cref="System.Net.Sockets.SocketException"/> likewise.</exception>
    public async ValueTask<bool> FillAsync(ByteChannel local)
    {
        do
        {
            if (_length == _array.Length) Grow();
            int received = await local.ReceiveReadyAsync(_array.AsMemory(_length, Math.Min(maxBytes, _array.Length) - _length));
            if (received == 0) return true;
            if (received == ByteChannel.NothingReady) return false;
            _length += received;
        }
        while (_length < maxBytes && local.IsReadable);
        return false;
    }

    /// <summary>The segment; empty where nothing was received.</summary>
    public ReadOnlyMemory<byte> Complete()
    {
        if (PayloadBytes == 0) return default;
        if (isRecord) RecordDecoder.WriteHeader(_array, PayloadBytes);
        return _array.AsMemory(0, _length);
    }

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
