using System.Runtime.CompilerServices;
using Ptth.Http.Core;
using Ptth.Http.Transport;

namespace Ptth.Http.Flow;

/// <summary>
/// One direction of a tunnel: bytes from a source to a destination, as they come, until either ends. The data plane of all three
/// programs.
/// </summary>
/// <remarks>
/// <para>While it waits for bytes it holds no buffer. It waits for the destination with one buffer in hand and receives nothing
/// meanwhile: that is the back-pressure. It is cancelled by aborting one of the two channels.</para>
/// <code>
///   wait until readable ──▶ receive ──▶ frame ──▶ send ──┐
///        ▲      (no buffer)    │ end of the channel       │ end of the body
///        │                     ▼                          ▼
///        └───────────────── clean or broken end ◀─────────┘
/// </code>
/// <para>A receive that fills its buffer is the sign of bulk: payload that is sure to be a large piece is then spliced
/// (<see cref="SpliceFlow"/>) for as long as large pieces come, and only the framing between two chunks is received here.</para>
/// </remarks>
public sealed class Flow
{
    /// <summary>
    /// A flow whose source never runs dry lets others have its thread after this many bytes: a millisecond's worth, more or less.
    /// </summary>
    private const int BytesPerTurn = 1024 * 1024;

    /// <summary>What <see cref="ReceiveAsync"/> says at the end of the channel.</summary>
    private const int EndOfChannel = -1;

    private readonly FlowSource _source;
    private readonly FlowSink _sink;
    private readonly SpliceFlow? _splice;
    private readonly FlowPace? _pace;
    private FlowScratch? _scratch;
    private long _copied;
    private int _position;
    private bool _sending;
    private bool _isBulk;

    /// <summary>A flow that has not begun.</summary>
    /// <param name="source">Where bytes come from.</param>
    /// <param name="sink">Where they go.</param>
    /// <param name="pace">The rates to keep to; null for none. It belongs to this flow.</param>
    public Flow(FlowSource source, FlowSink sink, FlowPace? pace = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(sink);
        _source = source;
        _sink = sink;
        _splice = SpliceFlow.TryCreate(source, sink);
        _pace = pace;
    }

    /// <summary>Bytes of payload handed on so far; may be read by anyone.</summary>
    public long Bytes => Volatile.Read(ref _copied) + (_splice?.Bytes ?? 0);

    /// <summary>Moves bytes until the source ends or either side fails. Never throws for what a peer or the network does. Call it once.</summary>
    public async Task<FlowResult> RunAsync()
    {
        try
        {
            _pace?.Charge(0);
            int received = TakeSurplus();
            int turn = BytesPerTurn;
            while (!_source.IsEmpty)
            {
                if (received == 0) received = await ReceiveAsync();
                // All that was left of a body with a length was spliced.
                if (received == 0) continue;
                if (received == EndOfChannel)
                {
                    if (_source.EndsWithChannel && _source.Channel.EndedCleanly) break;
                    return Result(FlowEnd.SourceFailed);
                }

                FrameStep step = await HandOnAsync(received);
                if (step == FrameStep.Invalid) return new FlowResult(FlowEnd.SourceInvalid, Bytes, _source.Violation);
                if (step == FrameStep.End)
                {
                    _sink.End();
                    _source.End(_scratch!.Buffer.AsSpan(_position, FlowScratch.Headroom + received - _position));
                    return Result(FlowEnd.Clean);
                }

                turn -= received;
                received = 0;
                if (turn > 0) continue;
                await Task.Yield();
                turn = BytesPerTurn;
            }

            // Only a raw stream, or a body known to be empty, ends here: the end came alone.
            _scratch ??= FlowScratch.Rent();
            _sink.AddEnd(_scratch);
            await SendAsync();
            _sink.End();
            _source.End(default);
            return Result(FlowEnd.Clean);
        }
        catch (Exception failure) when (Connection.IsConnectionFailure(failure))
        {
            return Result(_sending || _splice is { IsSending: true } ? FlowEnd.DestinationFailed : FlowEnd.SourceFailed);
        }
        finally
        {
            ReturnScratch();
            _pace?.End();
        }
    }

    private FlowResult Result(FlowEnd end) => new(end, Bytes);

    private int TakeSurplus()
    {
        // What came behind the head of a body that is known to be empty is the next head's.
        if (_source.IsEmpty || !_source.HasSurplus) return 0;
        _scratch = FlowScratch.Rent();
        return _source.TakeSurplus(_scratch.Data.Span);
    }

    /// <summary>Receives what is to be framed here; in bulk, splices all that need not be. Returns how many bytes, or that the channel has ended.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReceiveAsync()
    {
        // Whether a wait has said that there is something and nothing has been taken since.
        bool isReadable = false;
        while (true)
        {
            if (_pace is not null)
            {
                if (_pace.IsDue) await RestAsync();
                // Small pieces are cheaper to copy.
                _isBulk &= _pace.PieceBytes >= SpliceFlow.LeastBytes;
            }

            if (_isBulk && _source.SpliceableBytes >= SpliceFlow.LeastBytes)
            {
                ReturnScratch();
                long before = _splice!.Bytes;
                SpliceEnd end = await _splice.RunAsync(_pace?.PieceBytes ?? int.MaxValue);
                _pace?.Charge(_splice.Bytes - before);
                // Between two chunks it goes on; a small piece, or no pipe, means copying until a receive fills its buffer again.
                _isBulk = end == SpliceEnd.Dry || (end == SpliceEnd.Nothing && !isReadable) || (end == SpliceEnd.CopyOn && _source.SpliceableBytes == 0);
                isReadable = false;
                if (_source.IsEmpty) return 0;
            }

            // In bulk only framing is wanted: payload that is not received can be spliced.
            bool isFramingNext = _isBulk && _source.SpliceableBytes == 0;
            int room = isFramingNext ? _splice!.FramingBytesReady() : FlowScratch.DataBytes;
            if (room == 0) return EndOfChannel;
            if (room == LinuxSocket.WouldBlock && isReadable)
            {
                // An urgent byte alone (tcp(7)): a wait tells of it, a peek shows nothing, and only a receive passes it.
                if (_sink.OwesFraming) await SendOwedFramingAsync();
                _isBulk = isFramingNext = false;
                room = FlowScratch.DataBytes;
            }

            if (!isFramingNext || room == LinuxSocket.WouldBlock)
            {
                ValueTask<int> readable = _source.Channel.WaitReadableAsync();
                if (!readable.IsCompleted)
                {
                    // Nothing is held, and nothing left unsaid to the destination.
                    if (_sink.OwesFraming) await SendOwedFramingAsync();
                    ReturnScratch();
                }

                await readable;
                if (_isBulk && (isFramingNext || _source.SpliceableBytes >= SpliceFlow.LeastBytes))
                {
                    isReadable = true;
                    continue;
                }
            }

            if (_pace is not null) room = Math.Min(room, _pace.PieceBytes);

            _scratch ??= FlowScratch.Rent();
            int received = await _source.Channel.ReceiveReadyAsync(_scratch.Data[..Math.Min(room, _scratch.Data.Length)]);
            if (received != ByteChannel.NothingReady) return received == 0 ? EndOfChannel : received;
        }
    }

    /// <summary>Frames and sends what lies in the buffer.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<FrameStep> HandOnAsync(int received)
    {
        _scratch!.FreeFrom = 0;
        _position = FlowScratch.Headroom;
        int end = _position + received;
        int payload = 0;
        FrameStep step;
        do
        {
            step = Frame(end, ref payload);
            if (step == FrameStep.Invalid) return step;
            await SendAsync();
        }
        while (step == FrameStep.ListFull);
        Volatile.Write(ref _copied, _copied + payload);
        _pace?.Charge(payload);
        _isBulk = _splice is not null && (received == FlowScratch.DataBytes || (_isBulk && payload == 0));
        return step;
    }

    /// <summary>Waits for its turn. Nothing is held meanwhile, and nothing left unsaid to the destination.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask RestAsync()
    {
        if (_sink.OwesFraming) await SendOwedFramingAsync();
        ReturnScratch();
        await _pace!.WaitAsync();
    }

    private async ValueTask SendOwedFramingAsync()
    {
        _scratch ??= FlowScratch.Rent();
        _sink.AddOwedFraming(_scratch);
        await SendAsync();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask SendAsync()
    {
        if (_scratch!.Gather.Count == 0) return;
        _sending = true;
        await _sink.Channel.SendAsync(_scratch.Gather);
        _sending = false;
        _scratch.Gather.Clear();
    }

    private void ReturnScratch()
    {
        _scratch?.Return();
        _scratch = null;
    }

    /// <summary>Frames what lies in the buffer, as much as one send takes.</summary>
    private FrameStep Frame(int end, ref int payload)
    {
        FlowScratch scratch = _scratch!;
        while (scratch.Gather.Count + FlowSink.MaxSegmentsPerPiece < GatherList.MaxSegments)
        {
            ChunkStep step = _source.Next(scratch.Buffer.AsSpan(_position, end - _position), out ChunkPiece piece);
            switch (step)
            {
                case ChunkStep.Data:
                    _sink.Add(scratch, piece, _position, end);
                    payload += piece.DataLength;
                    break;
                case ChunkStep.End:
                    _sink.AddEnd(scratch);
                    _position += piece.Consumed;
                    return FrameStep.End;
                case ChunkStep.Invalid:
                    return FrameStep.Invalid;
                default:
                    return FrameStep.AllTaken;
            }

            _position += piece.Consumed;
        }

        return FrameStep.ListFull;
    }

    private enum FrameStep
    {
        /// <summary>All received bytes are framed.</summary>
        AllTaken,

        /// <summary>The gather list is full; send it and go on.</summary>
        ListFull,

        /// <summary>The body has ended.</summary>
        End,

        /// <summary>The framing is broken.</summary>
        Invalid,
    }
}
