using System.Buffers;
using System.Net.Sockets;
using Ptth.Http.Core;

namespace Ptth.Http.Transport;

/// <summary>One HTTP connection's bytes, read by turns as heads, by this class, and as bodies, straight from the channel.</summary>
/// <remarks>
/// <para>A connection that waits for the first byte of a head holds no buffer. What is received together with a head and lies behind it,
/// or is left over behind a body, lies in a rented buffer (the surplus), and comes before all that the channel still has.</para>
/// <code>
///                           head                     body's end, with what was received behind it
///      wait (no buffer) ──────────▶ body, if any ──────────────────────────────────────────┐
///         ▲                                                                                │
///         └── no surplus ◀─────────────────────── next head: the surplus first ◀───────────┘
/// </code>
/// </remarks>
public sealed class Connection : IDisposable
{
    private const int DiscardBytes = 4096;

    private SurplusBuffer _surplus;
    private TaskCompletionSource<bool>? _watch;
    private Task _waiting = Task.CompletedTask;
    private volatile bool _isWaiting;
    private int _stopAsked;

    /// <summary>A connection on which nothing has been read.</summary>
    /// <param name="channel">The channel; owned.</param>
    public Connection(ByteChannel channel)
    {
        ArgumentNullException.ThrowIfNull(channel);
        Channel = channel;
    }

    /// <summary>The bytes below. Sends always go straight to it; receives only between a head with a body and <see cref="EndBody"/>.</summary>
    public ByteChannel Channel { get; }

    /// <summary>How many bytes behind the last head are waiting in the surplus.</summary>
    internal int SurplusLength => _surplus.Length;

    /// <summary>Reads one head.</summary>
    internal async ValueTask<HeadOutcome> ReadHeadAsync(IHeadSink sink)
    {
        try
        {
            if (_isWaiting) await _waiting;
            // The stop of a watch that had ended by itself is not meant for the next one.
            Volatile.Write(ref _stopAsked, 0);
            while (true)
            {
                if (_surplus.Length > 0)
                {
                    ParseStatus status = sink.TryRead(_surplus.Span, out int consumed);
                    if (status == ParseStatus.Invalid) return HeadOutcome.Invalid;
                    if (status == ParseStatus.Done)
                    {
                        _surplus.Consume(consumed);
                        return HeadOutcome.Read;
                    }
                }
                else
                {
                    await Channel.WaitReadableAsync();
                }

                // The parser refuses heads over its limit, so the buffer's growth is bounded.
                bool hasBegun = _surplus.Length > 0;
                if (await ReceiveSurplusAsync(mayWait: hasBegun) == 0) return hasBegun ? HeadOutcome.Broken : HeadOutcome.Closed;
            }
        }
        catch (Exception failure) when (IsConnectionFailure(failure))
        {
            return HeadOutcome.Broken;
        }
    }

    /// <summary>Moves waiting body bytes out of the connection, as many as <paramref name="destination"/> takes. They come before all that the channel has.</summary>
    internal int TakeSurplus(Span<byte> destination) => _surplus.Take(destination);

    /// <summary>Ends the reading of a body: what was received behind its end goes back, in front of what has not been taken yet.</summary>
    internal void EndBody(ReadOnlySpan<byte> surplus)
    {
        if (!surplus.IsEmpty) _surplus.PutBack(surplus);
    }

    /// <summary>
    /// Waits, without losing a byte, until the peer closes or breaks the connection (true), sends something (false), or
    /// <see cref="StopWatch"/> is called (false). Only between exchanges' heads, when no body is being read.
    /// </summary>
    internal Task<bool> WatchForCloseAsync()
    {
        if (_surplus.Length > 0) return Task.FromResult(false);
        var watch = new TaskCompletionSource<bool>();
        // A stop that comes now sees the watch, or is seen here.
        Interlocked.Exchange(ref _watch, watch);
        if (Volatile.Read(ref _stopAsked) != 0) return Task.FromResult(false);
        _isWaiting = true;
        _waiting = WaitForCloseAsync(watch);
        return watch.Task;
    }

    /// <summary>Ends a watch that is under way, or is about to begin. Its wait goes on; the next read of a head takes it over.</summary>
    internal void StopWatch()
    {
        Interlocked.Exchange(ref _stopAsked, 1);
        Volatile.Read(ref _watch)?.TrySetResult(false);
    }

    private async Task WaitForCloseAsync(TaskCompletionSource<bool> watch)
    {
        bool closed = false;
        try
        {
            int received;
            do
            {
                await Channel.WaitReadableAsync();
                // Where it was stopped, the next reader finds out what has come.
                received = watch.Task.IsCompleted ? 1 : await ReceiveSurplusAsync(mayWait: false);
            }
            while (received == ByteChannel.NothingReady);
            closed = received == 0;
        }
        catch (Exception failure) when (IsConnectionFailure(failure))
        {
            closed = true;
        }

        _isWaiting = false;
        watch.TrySetResult(closed);
    }

    /// <summary>Whether an idle connection is beyond use: closed, broken, or the peer has sent what nobody asked for.</summary>
    internal bool IsStale()
    {
        try
        {
            return _surplus.Length > 0 || Channel.IsReadable;
        }
        catch (Exception failure) when (IsConnectionFailure(failure))
        {
            return true;
        }
    }

    /// <summary>
    /// Receives and drops what the peer still sends until it ends or <paramref name="maxBytes"/> have come, so that closing does not
    /// turn into a reset that takes our last answer away (RFC 9112 section 9.6).
    /// </summary>
    internal async ValueTask DiscardAsync(int maxBytes)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(DiscardBytes);
        try
        {
            if (_isWaiting) await _waiting;
            maxBytes -= _surplus.Length;
            _surplus.Release();
            while (maxBytes > 0)
            {
                int dropped = await Channel.ReceiveAsync(buffer);
                if (dropped == 0) return;
                maxBytes -= dropped;
            }
        }
        catch (Exception failure) when (IsConnectionFailure(failure))
        {
            // There is nobody left to be polite to.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Whether an exception means that the connection failed or was aborted, rather than that the program is wrong.</summary>
    public static bool IsConnectionFailure(Exception failure) =>
        failure is IOException or SocketException or ObjectDisposedException or OperationCanceledException;

    /// <summary>Breaks the connection off; the peer sees a failure. May be called by anyone, at any time.</summary>
    public void Abort() => Channel.Abort();

    /// <inheritdoc/>
    public void Dispose()
    {
        // Without our end said first the framework would reset a connection that something waits on, and what was sent might be lost.
        if (_isWaiting) Channel.ShutdownSend();
        Channel.Dispose();
        // A wait that has just ended may still be receiving; its buffer is then left to the collector.
        if (!_isWaiting) _surplus.Release();
    }

    private async ValueTask<int> ReceiveSurplusAsync(bool mayWait)
    {
        Memory<byte> room = _surplus.Room();
        int received = await (mayWait ? Channel.ReceiveAsync(room) : Channel.ReceiveReadyAsync(room));
        // With nothing in it the buffer goes back.
        _surplus.Added(Math.Max(0, received));
        return received;
    }
}
