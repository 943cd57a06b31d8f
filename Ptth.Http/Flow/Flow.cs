using System.Runtime.CompilerServices;
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
public sealed partial class Flow
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
    private readonly FlowKeepAlive? _keepAlive;
    private readonly FlowPart _part;
    private FlowScratch? _scratch;
    private long _copied;
    private int _position;
    private bool _sending;
    private bool _isBulk;

    /// <summary>A flow that has not begun.</summary>
    /// <param name="source">Where bytes come from.</param>
    /// <param name="sink">Where they go.</param>
    /// <param name="pace">The rates to keep to; null for none. It belongs to this flow.</param>
    /// <param name="keepAlive">Speaks while the flow waits for bytes; null for nobody. It belongs to this flow.</param>
    /// <param name="part">What of the sink's stream the source is.</param>
    public Flow(FlowSource source, FlowSink sink, FlowPace? pace = null, FlowKeepAlive? keepAlive = null, FlowPart part = FlowPart.Whole)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(sink);
        _source = source;
        _sink = sink;
        _splice = SpliceFlow.TryCreate(source, sink);
        _pace = pace;
        _keepAlive = keepAlive;
        _part = part;
    }

    /// <summary>Bytes of payload handed on so far; may be read by anyone.</summary>
    public long Bytes => Volatile.Read(ref _copied) + SplicedBytes;

    /// <summary>How many of them were spliced; likewise.</summary>
    public long SplicedBytes => _splice?.Bytes ?? 0;

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
                if (received == 0 && IsPlain)
                {
                    // The wait of most idle tunnels, here because the state of a method of its own would be held by each of them.
                    ValueTask<int> readable = _source.Channel.WaitReadableAsync();
                    if (!readable.IsCompleted)
                    {
                        ReturnScratch();
                        _keepAlive?.BeginRest();
                    }

                    await readable;
                    received = await ReceiveReadyAsync(FlowScratch.DataBytes);
                }
                else if (received == 0)
                {
                    received = await ReceiveAsync();
                }

                // A wait that ended for nothing; or all that was left of a body with a length was spliced.
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
                    if (EndsSink) _sink.End();
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
            AddEnd(_scratch);
            await SendAsync();
            if (EndsSink) _sink.End();
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
            if (_part == FlowPart.Whole) _pace?.End();
            _keepAlive?.Stop();
        }
    }

    /// <summary>Whether nothing but received bytes is to be thought of: no bulk, no rate, no framing that is owed.</summary>
    private bool IsPlain => !_isBulk && _pace is null && !_sink.OwesFraming;

    private bool EndsSink => _part != FlowPart.Middle;

    private void AddEnd(FlowScratch scratch)
    {
        if (EndsSink) _sink.AddEnd(scratch);
        else _sink.AddOwedFraming(scratch);
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
                    _keepAlive?.BeginRest();
                }

                await readable;
                if (_keepAlive is { IsResting: true }) await _keepAlive.EndRestAsync();
                if (_isBulk && (isFramingNext || _source.SpliceableBytes >= SpliceFlow.LeastBytes))
                {
                    isReadable = true;
                    continue;
                }
            }

            if (_pace is not null) room = Math.Min(room, _pace.PieceBytes);
            int received = await ReceiveReadyAsync(room);
            if (received != 0) return received;
        }
    }

    /// <summary>Receives what is there. Returns how many bytes, or that the channel has ended; 0 where there is nothing.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReceiveReadyAsync(int room)
    {
        if (_keepAlive is { IsResting: true }) await _keepAlive.EndRestAsync();
        _scratch ??= FlowScratch.Rent();
        return await _source.Channel.ReceiveReadyAsync(_scratch.Data[..Math.Min(room, _scratch.Data.Length)]) switch
        {
            0 => EndOfChannel,
            ByteChannel.NothingReady => 0,
            var received => received,
        };
    }

    /// <summary>Waits for its turn. Nothing is held meanwhile, and nothing left unsaid to the destination.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask RestAsync()
    {
        if (_sink.OwesFraming) await SendOwedFramingAsync();
        ReturnScratch();
        await _pace!.WaitAsync();
    }

    private void ReturnScratch()
    {
        _scratch?.Return();
        _scratch = null;
    }
}
