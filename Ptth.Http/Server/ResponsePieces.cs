using System.Runtime.InteropServices;
using Ptth.Http.Core;
using Ptth.Http.Transport;

namespace Ptth.Http.Server;

/// <summary>A chunked response body (RFC 9112 section 7.1) that is written piece by piece. One send at a time.</summary>
public sealed class ResponsePieces : IDisposable
{
    private readonly HttpServerConnection _owner;
    private readonly ByteChannel _channel;
    private readonly TimeSpan _sendTimeout;
    private readonly GatherList _segments = new();
    private readonly byte[] _sizeLine = new byte[ChunkEncoder.MaxSizeLineBytes];

    internal ResponsePieces(HttpServerConnection owner, ByteChannel channel, TimeSpan sendTimeout)
    {
        _owner = owner;
        _channel = channel;
        _sendTimeout = sendTimeout;
    }

    /// <summary>Sends one piece, as one chunk; completes when the kernel has taken it. A peer that takes it too slowly is cut off.</summary>
    /// <param name="piece">Not empty, in an array, and unchanged until the send completes.</param>
    /// <exception cref="IOException">The connection has failed or was aborted, as with all exceptions of a channel.</exception>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> piece)
    {
        if (!MemoryMarshal.TryGetArray(piece, out ArraySegment<byte> data)) throw new ArgumentException("The piece is not in an array.", nameof(piece));
        _segments.Clear();
        _segments.Add(_sizeLine, 0, ChunkEncoder.WriteSizeLine(_sizeLine, data.Count));
        _segments.Add(data.Array!, data.Offset, data.Count);
        Add(ChunkEncoder.Crlf);
        _owner.SetDeadline(_sendTimeout);
        await _channel.SendAsync(_segments);
        _owner.SetDeadline(Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public void Dispose() => _segments.Dispose();

    private void Add(ReadOnlyMemory<byte> framing)
    {
        MemoryMarshal.TryGetArray(framing, out ArraySegment<byte> segment);
        _segments.Add(segment.Array!, segment.Offset, segment.Count);
    }
}
