using Ptth.Http.Flow;
using Ptth.Http.Transport;

namespace Ptth.Http.Server;

/// <summary>A chunked response body that is written piece by piece. One send at a time.</summary>
public sealed class ResponsePieces : IDisposable
{
    private readonly HttpServerConnection _owner;
    private readonly PieceSender _sender;
    private readonly TimeSpan _sendTimeout;

    internal ResponsePieces(HttpServerConnection owner, ByteChannel channel, TimeSpan sendTimeout)
    {
        _owner = owner;
        _sender = new PieceSender(channel);
        _sendTimeout = sendTimeout;
    }

    /// <summary>Sends one piece, as one chunk; completes when the kernel has taken it. A peer that takes it too slowly is cut off.</summary>
    /// <param name="piece">Not empty, in an array, and unchanged until the send completes.</param>
    /// <exception cref="IOException">The connection has failed or was aborted, as with all exceptions of a channel.</exception>
    public ValueTask SendAsync(ReadOnlyMemory<byte> piece) => InTimeAsync(_sender.SendAsync(piece));

    /// <summary>Sends the first part of a chunk; see <see cref="PieceSender.BeginChunkAsync"/>.</summary>
    public ValueTask BeginChunkAsync(ReadOnlyMemory<byte> piece, int rest) => InTimeAsync(_sender.BeginChunkAsync(piece, rest));

    /// <summary>Sends a further part of a chunk; see <see cref="PieceSender.ContinueChunkAsync"/>.</summary>
    public ValueTask ContinueChunkAsync(ReadOnlyMemory<byte> piece) => InTimeAsync(_sender.ContinueChunkAsync(piece));

    /// <summary>Sends the rest of a chunk; see <see cref="PieceSender.EndChunkAsync"/>.</summary>
    public ValueTask EndChunkAsync(ReadOnlyMemory<byte> piece) => InTimeAsync(_sender.EndChunkAsync(piece));

    /// <summary>Ends the body cleanly; <see cref="ServerExchange.EndStream"/> is then to be told.</summary>
    /// <exception cref="IOException">As of <see cref="SendAsync"/>.</exception>
    public ValueTask EndAsync() => InTimeAsync(_sender.EndAsync());

    /// <inheritdoc/>
    public void Dispose() => _sender.Dispose();

    private async ValueTask InTimeAsync(ValueTask sending)
    {
        _owner.SetDeadline(_sendTimeout);
        await sending;
        _owner.SetDeadline(Timeout.InfiniteTimeSpan);
    }
}
