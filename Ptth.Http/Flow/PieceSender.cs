using System.Runtime.InteropServices;
using Ptth.Http.Core;
using Ptth.Http.Transport;

namespace Ptth.Http.Flow;

/// <summary>Sends a chunked body (RFC 9112 section 7.1) piece by piece, each as one chunk. One send at a time.</summary>
/// <param name="channel">Where to.</param>
public sealed class PieceSender(ByteChannel channel) : IDisposable
{
    private readonly GatherList _segments = new();
    private readonly byte[] _sizeLine = new byte[ChunkEncoder.MaxSizeLineBytes];

    /// <summary>Whether the clean end is being sent or has been. After that the peer may answer whenever it likes.</summary>
    public bool IsEnding { get; private set; }

    /// <summary>Sends one piece; completes when the kernel has taken it.</summary>
    /// <param name="piece">Not empty, in an array, and unchanged until the send completes.</param>
    /// <exception cref="IOException">The connection has failed or was aborted, as with all exceptions of a channel.</exception>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> piece)
    {
        if (!MemoryMarshal.TryGetArray(piece, out ArraySegment<byte> data)) throw new ArgumentException("The piece is not in an array.", nameof(piece));
        _segments.Clear();
        _segments.Add(_sizeLine, 0, ChunkEncoder.WriteSizeLine(_sizeLine, data.Count));
        _segments.Add(data.Array!, data.Offset, data.Count);
        Add(ChunkEncoder.Crlf);
        await channel.SendAsync(_segments);
    }

    /// <summary>Sends the last chunk.</summary>
    /// <exception cref="IOException">As of <see cref="SendAsync"/>.</exception>
    public async ValueTask EndAsync()
    {
        IsEnding = true;
        await channel.SendAsync(ChunkEncoder.LastChunk);
    }

    /// <inheritdoc/>
    public void Dispose() => _segments.Dispose();

    private void Add(ReadOnlyMemory<byte> framing)
    {
        MemoryMarshal.TryGetArray(framing, out ArraySegment<byte> segment);
        _segments.Add(segment.Array!, segment.Offset, segment.Count);
    }
}
