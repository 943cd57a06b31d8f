using System.Net;

namespace Ptth.Http.Transport;

/// <summary>
/// One established, ordered, two-way stream of bytes: a plain TCP socket, or TLS over one. It knows no HTTP.
/// One receive and one send may be under way at a time, by different owners; <see cref="Abort"/> may be called by anyone, at any time,
/// and makes both fail.
/// </summary>
public abstract class ByteChannel : IDisposable
{
    /// <summary>The peer's address, for logs.</summary>
    public abstract EndPoint? RemoteEndPoint { get; }

    /// <summary>What <see cref="ReceiveReadyAsync"/> says where the wait before it ended for nothing.</summary>
    public const int NothingReady = -1;

    /// <summary>
    /// Makes it ready for bytes: comes first, before all else, and where the channel is TLS, it is the handshake. False where the peer does
    /// not speak TLS though it should: then the channel carries plain bytes, to tell the peer that.
    /// </summary>
    /// <exception cref="IOException">It failed; for TLS with a reason in words.</exception>
    public virtual ValueTask<bool> OpenAsync() => ValueTask.FromResult(true);

    /// <summary>
    /// Completes when a receive would not wait: there are bytes, or the stream has ended or failed. No buffer is held meanwhile. It may
    /// complete for nothing, when it began while bytes that have been received since were being announced: go on with
    /// <see cref="ReceiveReadyAsync"/>, and wait again where that has nothing.
    /// </summary>
    public abstract ValueTask<int> WaitReadableAsync();

    /// <summary>Whether a receive would not wait. Only while nothing is being received.</summary>
    /// <exception cref="IOException">The connection is broken or was aborted; <see cref="System.Net.Sockets.SocketException"/> likewise.</exception>
    public abstract bool IsReadable { get; }

    /// <summary>Receives what is there, at most <paramref name="buffer"/>; 0 means that the peer has ended its direction.</summary>
    /// <param name="buffer">Not empty.</param>
    /// <exception cref="IOException">The connection is broken or was aborted; <see cref="System.Net.Sockets.SocketException"/> likewise.</exception>
    public abstract ValueTask<int> ReceiveAsync(Memory<byte> buffer);

    /// <summary>
    /// Receives what is there, as <see cref="ReceiveAsync"/>, but does not wait where nothing is: so that nobody who waits holds a buffer.
    /// Waits all the same where the channel's <see cref="WaitReadableAsync"/> is never wrong.
    /// </summary>
    /// <param name="buffer">Not empty.</param>
    /// <returns>The number of bytes, 0 at the end, or <see cref="NothingReady"/>.</returns>
    /// <exception cref="IOException">The connection is broken or was aborted; <see cref="System.Net.Sockets.SocketException"/> likewise.</exception>
    public virtual ValueTask<int> ReceiveReadyAsync(Memory<byte> buffer) => ReceiveAsync(buffer);

    /// <summary>
    /// After a receive that gave 0: whether the peer has ended its direction. False where the connection was broken and a send was told
    /// first: a kernel reports a reset once, and to later receives it says end of stream.
    /// </summary>
    public virtual bool EndedCleanly => true;

    /// <summary>What the peer owes; null where that is nothing, or cannot be told. May be read by anyone, at any time.</summary>
    public virtual PeerDebt? Debt => null;

    /// <summary>
    /// How soon and how often the kernel asks a peer that rests whether it is there. May be called by anyone, at any time; does nothing where
    /// the connection is gone.
    /// </summary>
    /// <param name="check">How closely.</param>
    public virtual void Check(PeerCheck check)
    {
    }

    /// <summary>Sends all of <paramref name="bytes"/>; completes when the kernel has taken the last of them. Returns their number.</summary>
    public abstract ValueTask<int> SendAsync(ReadOnlyMemory<byte> bytes);

    /// <summary>Sends the segments, in order, as one send where the transport can gather. Returns the number of bytes.</summary>
    /// <param name="segments">At least one; it is not kept.</param>
    public abstract ValueTask<int> SendAsync(GatherList segments);

    /// <summary>Ends the sending direction cleanly (FIN); the other one goes on.</summary>
    public abstract void ShutdownSend();

    /// <summary>Breaks the connection off at once, so that the peer sees a failure (RST) and never a clean end.</summary>
    public abstract void Abort();

    /// <summary>Closes the connection. What was sent is still delivered.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes what the channel owns.</summary>
    protected abstract void Dispose(bool disposing);
}
