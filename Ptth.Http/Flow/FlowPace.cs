using System.Threading.Tasks.Sources;

namespace Ptth.Http.Flow;

/// <summary>
/// Keeps one flow to the rates that it shares with others. A wait costs a timer, which the flow keeps: no thread, no buffer, and nothing
/// that is allocated each time.
/// </summary>
/// <param name="time">The clock of the waits, and of the limits.</param>
/// <param name="limits">All that bound the flow, at least one.</param>
public sealed class FlowPace(TimeProvider time, params RateLimit[] limits) : IValueTaskSource
{
    /// <summary>What is not waited for but owed: timers are no finer, and at high rates a wait for each piece would cost more than the piece.</summary>
    private static readonly TimeSpan LeastWait = TimeSpan.FromMilliseconds(10);

    private readonly Lock _lock = new();
    private ManualResetValueTaskSourceCore<bool> _wait;
    private ITimer? _timer;
    private long _paidUntil = long.MinValue;
    private bool _isCancelled;
    private volatile bool _isWaiting;

    /// <summary>Whether the flow waits for its turn; may be asked by anyone.</summary>
    public bool IsWaiting => _isWaiting;

    /// <summary>How much to move at a time, bytes.</summary>
    public int PieceBytes
    {
        get
        {
            int least = int.MaxValue;
            foreach (RateLimit limit in limits) least = Math.Min(least, limit.PieceBytes);
            return least;
        }
    }

    /// <summary>Whether there is something to wait for before the next piece.</summary>
    public bool IsDue => !_isCancelled && Due() >= LeastWait;

    /// <summary>Ends the wait that is under way, and all later ones: the flow's channels have been aborted. May be called by anyone, at any time.</summary>
    public void Cancel()
    {
        lock (_lock) _isCancelled = true;
        Complete();
    }

    /// <summary>Notes bytes that the flow has moved; 0 before the first, so that it waits for what others have moved before.</summary>
    public void Charge(long bytes)
    {
        foreach (RateLimit limit in limits) _paidUntil = Math.Max(_paidUntil, limit.Charge(bytes));
    }

    /// <summary>Waits until the flow's bytes are paid.</summary>
    public ValueTask WaitAsync()
    {
        lock (_lock)
        {
            TimeSpan due = Due();
            if (_isCancelled || due <= TimeSpan.Zero) return ValueTask.CompletedTask;
            _wait.Reset();
            _isWaiting = true;
            foreach (RateLimit limit in limits) limit.ChangeWaiting(1);
            _timer ??= time.CreateTimer(static state => ((FlowPace)state!).Complete(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            // A timer counts whole milliseconds, rounded down.
            _timer.Change(due + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
            return new ValueTask(this, _wait.Version);
        }
    }

    /// <summary>The flow has ended.</summary>
    public void End()
    {
        Cancel();
        _timer?.Dispose();
    }

    /// <inheritdoc/>
    void IValueTaskSource.GetResult(short token) => _wait.GetResult(token);

    /// <inheritdoc/>
    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _wait.GetStatus(token);

    /// <inheritdoc/>
    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _wait.OnCompleted(continuation, state, token, flags);

    private TimeSpan Due()
    {
        long now = time.GetTimestamp();
        return _paidUntil <= now ? TimeSpan.Zero : time.GetElapsedTime(now, _paidUntil);
    }

    private void Complete()
    {
        lock (_lock)
        {
            if (!_isWaiting) return;
            _isWaiting = false;
            foreach (RateLimit limit in limits) limit.ChangeWaiting(-1);
        }

        _wait.SetResult(true);
    }
}
