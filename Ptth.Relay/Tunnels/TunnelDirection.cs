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

    /// <summary>Bytes handed on so far.</summary>
    public long Bytes => _flow?.Bytes ?? 0;

    /// <summary>Whether it has bytes to move and waits for its turn.</summary>
    public bool IsPaced => pace is { IsWaiting: true };

    /// <summary>Whether both halves are there.</summary>
    public bool IsAttached => _flow is not null;

    /// <summary>Whether its receiver is being told of the clean end, or has been.</summary>
    public bool IsEnding => _sink is { IsEnding: true };

    /// <summary>Whether it has ended, cleanly or not.</summary>
    public bool HasEnded => _ended.Task.IsCompleted;

    /// <summary>The exchange whose request body is the source; guarded by the tunnel's lock.</summary>
    public ServerExchange? Sender { get; set; }

    /// <summary>Whether it ended with a clean end; guarded by the tunnel's lock.</summary>
    public bool EndedCleanly { get; set; }

    /// <summary>Attaches the sender's body; completes when the direction has ended.</summary>
    public Task<FlowResult> AttachSource(FlowSource source) => Attach(source, null);

    /// <summary>Attaches the receiver's body; completes when the direction has ended.</summary>
    public Task<FlowResult> AttachSink(FlowSink sink) => Attach(null, sink);

    /// <summary>Ends it where no flow has begun; a flow that runs ends when its connections are aborted.</summary>
    public void Break()
    {
        // A flow that waits for its turn would see only after that that its connections were aborted.
        pace?.Cancel();
        lock (_lock)
        {
            _broken = true;
            if (_flow is not null) return;
        }

        _ended.TrySetResult(NeverBegun);
    }

    private Task<FlowResult> Attach(FlowSource? source, FlowSink? sink)
    {
        Flow flow;
        lock (_lock)
        {
            _source ??= source;
            _sink ??= sink;
            if (_broken || _source is null || _sink is null) return _ended.Task;
            flow = _flow = new Flow(_source, _sink, pace);
        }

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
