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
/// </remarks>
public sealed class Flow
{
    /// <summary>
    /// A flow whose source never runs dry lets others have its thread after this many bytes: a millisecond's worth, more or less.
    /// </summary>
    private const int BytesPerTurn = 1024 * 1024;

    private readonly FlowSource _source;
    private readonly FlowSink _sink;
    private long _bytes;

    /// <summary>A flow that has not begun.</summary>
    public Flow(FlowSource source, FlowSink sink)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(sink);
        _source = source;
        _sink = sink;
    }

    /// <summary>Bytes of payload handed on so far; may be read by anyone.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Moves bytes until the source ends or either side fails. Never throws for what a peer or the network does. Call it once.</summary>
    public async Task<FlowResult> RunAsync()
    {
        FlowScratch? scratch = null;
        bool sending = false;
        try
        {
            int received = 0;
            int turn = BytesPerTurn;
            if (_source.HasSurplus)
            {
                scratch = FlowScratch.Rent();
                received = _source.TakeSurplus(scratch.Data.Span);
            }

            while (!_source.IsEmpty)
            {
                if (received == 0)
                {
                    ValueTask<int> readable = _source.Channel.WaitReadableAsync();
                    if (!readable.IsCompleted && scratch is not null)
                    {
                        scratch.Return();
                        scratch = null;
                    }

                    await readable;
                    scratch ??= FlowScratch.Rent();
                    received = await _source.Channel.ReceiveAsync(scratch.Data);
                    if (received == 0)
                    {
                        if (_source.EndsWithChannel && _source.Channel.EndedCleanly) break;
                        return new FlowResult(FlowEnd.SourceFailed, _bytes);
                    }
                }

                int position = FlowScratch.Headroom;
                int end = position + received;
                scratch!.FreeFrom = 0;
                FrameStep step;
                do
                {
                    step = Frame(scratch, ref position, end, out int payload);
                    if (step == FrameStep.Invalid) return new FlowResult(FlowEnd.SourceInvalid, _bytes, _source.Violation);
                    if (scratch.Gather.Count > 0)
                    {
                        sending = true;
                        await _sink.Channel.SendAsync(scratch.Gather);
                        sending = false;
                        scratch.Gather.Clear();
                        Volatile.Write(ref _bytes, _bytes + payload);
                    }
                }
                while (step == FrameStep.ListFull);

                if (step == FrameStep.End)
                {
                    _sink.End();
                    _source.End(scratch.Buffer.AsSpan(position, end - position));
                    return new FlowResult(FlowEnd.Clean, _bytes);
                }

                turn -= received;
                received = 0;
                if (turn <= 0)
                {
                    await Task.Yield();
                    turn = BytesPerTurn;
                }
            }

            // Only a raw stream, or a body known to be empty, ends here: the end came alone.
            sending = true;
            scratch ??= FlowScratch.Rent();
            _sink.AddEnd(scratch);
            if (scratch.Gather.Count > 0) await _sink.Channel.SendAsync(scratch.Gather);
            _sink.End();
            _source.End(default);
            return new FlowResult(FlowEnd.Clean, _bytes);
        }
        catch (Exception failure) when (Connection.IsConnectionFailure(failure))
        {
            return new FlowResult(sending ? FlowEnd.DestinationFailed : FlowEnd.SourceFailed, _bytes);
        }
        finally
        {
            scratch?.Return();
        }
    }

    /// <summary>Frames what lies in the buffer from <paramref name="position"/> on, as much as one send takes.</summary>
    private FrameStep Frame(FlowScratch scratch, ref int position, int end, out int payload)
    {
        payload = 0;
        while (true)
        {
            if (scratch.Gather.Count + FlowSink.MaxSegmentsPerPiece >= GatherList.MaxSegments) return FrameStep.ListFull;
            ChunkStep step = _source.Next(scratch.Buffer.AsSpan(position, end - position), out ChunkPiece piece);
            switch (step)
            {
                case ChunkStep.Data:
                    _sink.Add(scratch, piece, position, end);
                    payload += piece.DataLength;
                    break;
                case ChunkStep.End:
                    _sink.AddEnd(scratch);
                    position += piece.Consumed;
                    return FrameStep.End;
                case ChunkStep.Invalid:
                    return FrameStep.Invalid;
                default:
                    return FrameStep.AllTaken;
            }

            position += piece.Consumed;
        }
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
