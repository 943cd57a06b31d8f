using System.Runtime.CompilerServices;
using Ptth.Http.Core;
using Ptth.Http.Transport;

namespace Ptth.Http.Flow;

// From what was received to what is sent.
public sealed partial class Flow
{
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
        // Framing that no payload follows, as records without any are, is cheaper to copy: looked for by itself it costs two calls for four bytes.
        _isBulk = _splice is not null && (received == FlowScratch.DataBytes || (_isBulk && payload == 0 && _source.SpliceableBytes > 0));
        return step;
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
                    AddEnd(scratch);
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
