using Ptth.Http.Flow;
using Ptth.Http.Server;

namespace Ptth.Relay.Tunnels;

/// <summary>
/// One direction of a tunnel: the sender's request body into the receiver's response body. The two come in any order; the second
/// starts the flow.
/// </summary>
/// <param name="onAttached">Is told that both halves are there.</param>
/// <param name="onEnded">Is told how it ended.</param>
/// <param name="pace">The rates that it is to keep to; null for none.</param>
internal sealed class TunnelDirection(Action onAttached, Action<TunnelDirection, FlowResult> onEnded, FlowPace? pace = null)
{
    private static readonly FlowResult NeverBegun = new(FlowEnd.SourceFailed, 0);

    // For the half that came first; the second one awaits the flow itself. (Of two continuations of one task only one runs inline, the
    // other is queued to the thread pool.)
    private readonly TaskCompletionSource<FlowResult> _ended = new();
    private readonly Lock _lock = new();
    private FlowSource? _source;
    private FlowSink? _sink;
    private Flow? _flow;
    private bool _broken;
    private SegmentLane? _segments;
    private TaskCompletionSource<FlowSink?>? _sinkCame;
    private long _bytesBefore;

    /// <summary>Bytes handed on so far.</summary>
    public long Bytes
    {
        get
        {
            lock (_lock) return _bytesBefore + (_flow?.Bytes ?? 0);
        }
    }

    /// <summary>Where its bytes come as a sequence of requests: what lets those in. Null where they come as a stream, or have not begun.</summary>
    public SegmentLane? Segments => Volatile.Read(ref _segments);

    /// <summary>Those of them that were spliced.</summary>
    public long SplicedBytes => _flow?.SplicedBytes ?? 0;

    /// <summary>Whether it has bytes to move and waits for its turn.</summary>
    public bool IsPaced => pace is { IsWaiting: true };

    /// <summary>Whether both halves are there.</summary>
    public bool IsAttached => _flow is not null || (Segments is not null && _sink is not null);

    /// <summary>Whether its receiver is being told of the clean end, or has been.</summary>
    public bool IsEnding => _sink is { IsEnding: true };

    /// <summary>Whether it has ended, cleanly or not.</summary>
    public bool HasEnded => _ended.Task.IsCompleted;

    /// <summary>Whether it has ended with its clean end.</summary>
    public bool HasEndedCleanly => _ended.Task is { IsCompletedSuccessfully: true, Result.IsClean: true };

    /// <summary>The exchange whose request body is the source; guarded by the tunnel's lock.</summary>
    public ServerExchange? Sender { get; set; }

    /// <summary>Whether it ended with a clean end; guarded by the tunnel's lock.</summary>
    public bool EndedCleanly { get; set; }

    /// <summary>Attaches the sender's body; completes when the direction has ended.</summary>
    public Task<FlowResult> AttachSource(FlowSource source) => Attach(source, null);

    /// <summary>Attaches the receiver's body; completes when the direction has ended.</summary>
    public Task<FlowResult> AttachSink(FlowSink sink) => Attach(null, sink);

    /// <summary>Its bytes come as a sequence of requests. No source may have been attached.</summary>
    public SegmentLane OpenSegments()
    {
        lock (_lock)
        {
            if (_segments is not null) return _segments;
            _sinkCame = new TaskCompletionSource<FlowSink?>();
            if (_sink is not null || _broken) _sinkCame.SetResult(_broken ? null : _sink);
            return _segments = new SegmentLane();
        }
    }

    /// <summary>Hands one segment on, once the receiver's body is there. Only for the one whose turn it is.</summary>
    /// <param name="source">The segment.</param>
    /// <param name="isLast">Whether its clean end is the direction's.</param>
    public async Task<FlowResult> RunSegmentAsync(FlowSource source, bool isLast)
    {
        FlowSink? sink = await _sinkCame!.Task;
        Flow flow;
        lock (_lock)
        {
            if (_broken || sink is null) return NeverBegun;
            flow = _flow = new Flow(source, sink, pace, part: isLast ? FlowPart.Last : FlowPart.Middle);
        }

        try
        {
            FlowResult result = await flow.RunAsync();
            lock (_lock)
            {
                _bytesBefore += result.Bytes;
                _flow = null;
            }

            // A source that fails is not the end: the sender comes again. Invalid framing is told by whoever answers it.
            bool ends = result.End == FlowEnd.DestinationFailed || (isLast && result.IsClean);
            if (!ends) return result;
            pace?.Cancel();
            onEnded(this, result);
            _ended.TrySetResult(result);
            return result;
        }
        catch (Exception defect)
        {
            onEnded(this, NeverBegun);
            _ended.TrySetException(defect);
            throw;
        }
    }

    /// <summary>Ends it where no flow has begun; a flow that runs ends when its connections are aborted.</summary>
    public void Break()
    {
        // A flow that waits for its turn would see only after that that its connections were aborted.
        pace?.Cancel();
        SegmentLane? segments;
        TaskCompletionSource<FlowSink?>? sinkCame;
        lock (_lock)
        {
            _broken = true;
            segments = _segments;
            sinkCame = _sinkCame;
            if (_flow is not null && segments is null) return;
        }

        segments?.Break();
        sinkCame?.TrySetResult(null);

        _ended.TrySetResult(NeverBegun);
    }

    private Task<FlowResult> Attach(FlowSource? source, FlowSink? sink)
    {
        Flow? flow = null;
        TaskCompletionSource<FlowSink?>? sinkCame;
        lock (_lock)
        {
            _source ??= source;
            _sink ??= sink;
            sinkCame = _sinkCame;
            if (!_broken && _source is not null && _sink is not null) flow = _flow = new Flow(_source, _sink, pace);
        }

        sinkCame?.TrySetResult(sink);
        if (flow is null) return _ended.Task;
        onAttached();
        return RunAsync(flow);
    }

    private async Task<FlowResult> RunAsync(Flow flow)
    {
        try
        {
            FlowResult result = await flow.RunAsync();
            onEnded(this, result);
            _ended.TrySetResult(result);
            return result;
        }
        catch (Exception defect)
        {
            // Both exchanges see it, close, and have it logged.
            onEnded(this, NeverBegun);
            _ended.TrySetException(defect);
            throw;
        }
    }
}
