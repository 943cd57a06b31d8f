using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Net.Sockets;
using Ptth.Http.Core;

namespace Ptth.Http.Transport;

/// <summary>
/// One HTTP connection's bytes: heads are read through a pipe that a library's receive loop fills, bodies straight from the channel,
/// and both by turns on the same connection.
/// </summary>
/// <remarks>
/// <para>The receive loop runs as long as the pipe holds no unexamined byte (its pause threshold is 1). So it can be parked, with no
/// operation on the socket, by leaving one byte of the pipe unexamined: the last byte of the head.</para>
/// <code>
///            head without body                          bytes behind the body, or none yet
///          ┌──────────────────┐                       ┌────────────────────────────┐
///          ▼                  │                       ▼                            │
///      ┌────────┐  head with body: hold its last   ┌────────┐  EndBody(surplus)    │
///  ───▶│ Piped  │  byte, take what lies behind it  │ Parked │ ─────────────────────┘
///      │        │ ────────────────────────────────▶│        │
///      └────────┘                                  └────────┘
///          ▲                                           │ next head asked for and no surplus left:
///          └───────────────────────────────────────────┘ give the byte back, the loop goes on
/// </code>
/// <para>While parked, the bytes taken from the pipe, or left over from a body, lie in a rented buffer (the surplus), and come first.</para>
/// </remarks>
public sealed class Connection : IDisposable
{
    private readonly PipeReader _input;
    private readonly IDisposable _pipeOwner;
    private SurplusBuffer _surplus;
    private bool _parked;

    /// <summary>Joins a channel with the pipe that a receive loop fills from it.</summary>
    /// <param name="channel">The channel; owned.</param>
    /// <param name="input">A pipe whose writer pauses at one byte.</param>
    /// <param name="pipeOwner">What ends the receive loop.</param>
    internal Connection(ByteChannel channel, PipeReader input, IDisposable pipeOwner)
    {
        Channel = channel;
        _input = input;
        _pipeOwner = pipeOwner;
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
            if (_parked && SurplusLength == 0) Unpark();
            return _parked ? await ReadHeadFromSurplusAsync(sink) : await ReadHeadFromPipeAsync(sink);
        }
        catch (Exception failure) when (IsConnectionFailure(failure))
        {
            return HeadOutcome.Broken;
        }
    }

    private async ValueTask<HeadOutcome> ReadHeadFromPipeAsync(IHeadSink sink)
    {
        while (true)
        {
            ReadResult result = await _input.ReadAsync();
            ReadOnlySequence<byte> buffer = result.Buffer;
            if (result.IsCanceled)
            {
                // The late answer to a StopWatch that came when the watch had ended by itself.
                _input.AdvanceTo(buffer.Start);
                continue;
            }

            if (!buffer.IsEmpty)
            {
                ParseStatus status = buffer.IsSingleSegment
                    ? sink.TryRead(buffer.FirstSpan, out int consumed, out bool hasBody)
                    : TryReadScattered(sink, buffer, out consumed, out hasBody);
                if (status == ParseStatus.Done)
                {
                    if (hasBody) Park(buffer, consumed);
                    else _input.AdvanceTo(buffer.GetPosition(consumed));
                    return HeadOutcome.Read;
                }

                if (status == ParseStatus.Invalid)
                {
                    _input.AdvanceTo(buffer.Start);
                    return HeadOutcome.Invalid;
                }
            }

            if (result.IsCompleted)
            {
                _input.AdvanceTo(buffer.Start);
                return buffer.IsEmpty ? HeadOutcome.Closed : HeadOutcome.Broken;
            }

            _input.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    private static ParseStatus TryReadScattered(IHeadSink sink, ReadOnlySequence<byte> buffer, out int consumed, out bool hasBody)
    {
        // The parser refuses heads over its limit, and the loop fills the pipe one receive at a time, so this is bounded.
        int length = checked((int)buffer.Length);
        byte[] whole = ArrayPool<byte>.Shared.Rent(length);
        buffer.CopyTo(whole);
        ParseStatus status = sink.TryRead(whole.AsSpan(0, length), out consumed, out hasBody);
        ArrayPool<byte>.Shared.Return(whole);
        return status;
    }

    private async ValueTask<HeadOutcome> ReadHeadFromSurplusAsync(IHeadSink sink)
    {
        while (true)
        {
            ParseStatus status = sink.TryRead(_surplus.Span, out int consumed, out _);
            if (status == ParseStatus.Invalid) return HeadOutcome.Invalid;
            if (status == ParseStatus.Done)
            {
                _surplus.Consume(consumed);
                return HeadOutcome.Read;
            }

            int received = await Channel.ReceiveAsync(_surplus.Room());
            if (received == 0) return HeadOutcome.Broken;
            _surplus.Added(received);
        }
    }

    /// <summary>Moves waiting body bytes out of the connection, as many as <paramref name="destination"/> takes. They come before all that the channel has.</summary>
    internal int TakeSurplus(Span<byte> destination) => _surplus.Take(destination);

    /// <summary>Ends the reading of a body: what was received behind its end goes back, in front of what has not been taken yet.</summary>
    internal void EndBody(ReadOnlySpan<byte> surplus)
    {
        Debug.Assert(_parked || surplus.IsEmpty, "A body is read between a head that has one and its end.");
        if (!surplus.IsEmpty) _surplus.PutBack(surplus);
    }

    /// <summary>
    /// Waits, without taking a byte, until the peer closes or breaks the connection (true), sends something (false), or
    /// <see cref="StopWatch"/> is called (false). Only between exchanges' heads, when no body is being read.
    /// </summary>
    internal async Task<bool> WatchForCloseAsync()
    {
        if (_parked && SurplusLength > 0) return false;
        try
        {
            // A StopWatch may come before the first read, which would then be told of it.
            if (_parked && Unpark().IsCanceled) return false;
            ReadResult result = await _input.ReadAsync();
            bool closed = result.IsCompleted && result.Buffer.IsEmpty;
            _input.AdvanceTo(result.Buffer.Start, result.Buffer.Start);
            return closed;
        }
        catch (Exception failure) when (IsConnectionFailure(failure))
        {
            return true;
        }
    }

    /// <summary>Ends a watch that is under way.</summary>
    internal void StopWatch() => _input.CancelPendingRead();

    /// <summary>Whether an idle connection is beyond use: closed, broken, or the peer has sent what nobody asked for.</summary>
    internal bool IsStale()
    {
        if (_parked && SurplusLength > 0) return true;
        try
        {
            if (_parked) Unpark();
            if (!_input.TryRead(out ReadResult result)) return false;
            _input.AdvanceTo(result.Buffer.Start);
            return result.IsCompleted || !result.Buffer.IsEmpty;
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
        byte[] buffer = ArrayPool<byte>.Shared.Rent(4096);
        try
        {
            while (maxBytes > 0)
            {
                int dropped = _parked ? await Channel.ReceiveAsync(buffer) : await DiscardFromPipeAsync();
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

    private async ValueTask<int> DiscardFromPipeAsync()
    {
        ReadResult result = await _input.ReadAsync();
        int length = (int)result.Buffer.Length;
        _input.AdvanceTo(result.Buffer.End);
        return length > 0 || result.IsCompleted ? length : await DiscardFromPipeAsync();
    }

    /// <summary>Whether an exception means that the connection failed or was aborted, rather than that the program is wrong.</summary>
    /// <remarks>The pipeline library reports an aborted receive as <see cref="OperationCanceledException"/>.</remarks>
    public static bool IsConnectionFailure(Exception failure) =>
        failure is IOException or SocketException or ObjectDisposedException or OperationCanceledException;

    /// <summary>Breaks the connection off; the peer sees a failure. May be called by anyone, at any time.</summary>
    public void Abort() => Channel.Abort();

    /// <inheritdoc/>
    public void Dispose()
    {
        // In this order the library finds the socket open at each step; a closed one would cost it an exception each time.
        _input.Complete();
        _pipeOwner.Dispose();
        Channel.Dispose();
        _surplus.Release();
    }

    private void Park(ReadOnlySequence<byte> buffer, int consumed)
    {
        _surplus.Fill(buffer.Slice(consumed));
        SequencePosition lastByte = buffer.GetPosition(consumed - 1);
        _input.AdvanceTo(lastByte, lastByte);
        _parked = true;
    }

    /// <summary>Lets the receive loop go on. The result tells whether a <see cref="StopWatch"/> was waiting for a read.</summary>
    private ReadResult Unpark()
    {
        if (!_input.TryRead(out ReadResult held)) throw new IOException("The receive loop has ended.");
        _parked = false;
        _input.AdvanceTo(held.Buffer.End);
        return held;
    }
}
