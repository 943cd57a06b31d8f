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
        _segments.Clear();
        AddSizeLine(piece.Length);
        Add(piece);
        Add(ChunkEncoder.Crlf);
        await channel.SendAsync(_segments);
    }

    /// <summary>Sends the first part of a chunk; <see cref="EndChunkAsync"/> has to send the rest.</summary>
    /// <param name="piece">As of <see cref="SendAsync"/>.</param>
    /// <param name="rest">How many bytes of the chunk are still to come, more than 0.</param>
    /// <exception cref="IOException">As of <see cref="SendAsync"/>.</exception>
    public async ValueTask BeginChunkAsync(ReadOnlyMemory<byte> piece, int rest)
    {
        _segments.Clear();
        AddSizeLine(piece.Length + rest);
        Add(piece);
        await channel.SendAsync(_segments);
    }

    /// <summary>Sends a further part of a chunk.</summary>
    /// <param name="piece">As of <see cref="SendAsync"/>, shorter than what is still to come.</param>
    /// <exception cref="IOException">As of <see cref="SendAsync"/>.</exception>
    public async ValueTask ContinueChunkAsync(ReadOnlyMemory<byte> piece) => await channel.SendAsync(piece);

    /// <summary>Sends the rest of a chunk.</summary>
    /// <param name="piece">As of <see cref="SendAsync"/>, as long as was said.</param>
    /// <exception cref="IOException">As of <see cref="SendAsync"/>.</exception>
    public async ValueTask EndChunkAsync(ReadOnlyMemory<byte> piece)
    {
        _segments.Clear();
        Add(piece);
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

    private void AddSizeLine(int chunkBytes) => _segments.Add(_sizeLine, 0, ChunkEncoder.WriteSizeLine(_sizeLine, chunkBytes));

    private void Add(ReadOnlyMemory<byte> bytes)
    {
        if (!MemoryMarshal.TryGetArray(bytes, out ArraySegment<byte> segment)) throw new ArgumentException("The piece is not in an array.", nameof(bytes));
        _segments.Add(segment.Array!, segment.Offset, segment.Count);
    }
}
