using Ptth.Http.Transport;

namespace Ptth.Http.Flow;

/// <summary>
/// Sends a record without payload where a direction has rested, so that nothing in between takes it for dead. It is asked by the ticker:
/// no timer for each tunnel, and nothing to do while bytes flow.
/// </summary>
/// <param name="speak">Sends that record; never throws for what the network does.</param>
/// <param name="interval">The longest time without a byte.</param>
public sealed class FlowKeepAlive(Func<Task> speak, TimeSpan interval)
{
    /// <summary>From tick to tick, more or less: half of it decides which tick is meant.</summary>
    private const int TickMilliseconds = 1000;

    private readonly Lock _lock = new();
    private readonly long _intervalMilliseconds = (long)interval.TotalMilliseconds;
    private long _lastBytes = -1;
    private long _lastByteMilliseconds;
    private long _lastTickMilliseconds;
    private TaskCompletionSource? _sent;
    private bool _isResting;
    private bool _isSending;

    /// <summary>Whether the flow waits for bytes. For the flow alone.</summary>
    public bool IsResting => _isResting;

    /// <summary>To be called at each tick.</summary>
    /// <param name="nowMilliseconds">The time, as <see cref="Ticker.NowMilliseconds"/>.</param>
    /// <param name="bytes">What the flow has moved so far.</param>
    public void OnTick(long nowMilliseconds, long bytes)
    {
        // What has moved since the last tick may have done so right behind it: rather a record too early than one too late.
        if (bytes != _lastBytes) _lastByteMilliseconds = _lastBytes < 0 ? nowMilliseconds - TickMilliseconds : _lastTickMilliseconds;
        _lastBytes = bytes;
        _lastTickMilliseconds = nowMilliseconds;
        if (nowMilliseconds - _lastByteMilliseconds < _intervalMilliseconds - (TickMilliseconds / 2)) return;
        lock (_lock)
        {
            if (!_isResting || _isSending) return;
            _isSending = true;
        }

        _lastByteMilliseconds = nowMilliseconds;
        _ = SendAsync();
    }

    /// <summary>The flow is going to wait; it sends nothing until <see cref="EndRestAsync"/>.</summary>
    public void BeginRest()
    {
        lock (_lock) _isResting = true;
    }

    /// <summary>The flow goes on. Completes when no record is being sent.</summary>
    public ValueTask EndRestAsync()
    {
        lock (_lock)
        {
            _isResting = false;
            return _isSending ? new ValueTask((_sent ??= new TaskCompletionSource()).Task) : ValueTask.CompletedTask;
        }
    }

    /// <summary>The flow has ended, and sends no more.</summary>
    public void Stop()
    {
        lock (_lock) _isResting = false;
    }

    private async Task SendAsync()
    {
        await speak();
        TaskCompletionSource? sent;
        lock (_lock)
        {
            _isSending = false;
            sent = _sent;
            _sent = null;
        }

        sent?.TrySetResult();
    }
}
