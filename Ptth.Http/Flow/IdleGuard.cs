namespace Ptth.Http.Flow;

/// <summary>Tells when the two directions of a tunnel have moved nothing for too long. Asked once a second; it notes progress by itself.</summary>
/// <param name="idle">How long both directions may rest; infinite for ever.</param>
/// <param name="halfClosedIdle">How long the other direction may rest when one has ended.</param>
public sealed class IdleGuard(TimeSpan idle, TimeSpan halfClosedIdle)
{
    private long _lastBytes = -1;
    private bool _wasHalfClosed;
    private long _lastProgressMilliseconds;

    /// <summary>What follows counts as progress: it was not for want of bytes that none moved.</summary>
    public void Restart() => _lastBytes = -1;

    /// <summary>Whether the tunnel has rested for longer than it may.</summary>
    /// <param name="nowMilliseconds">A monotonic time.</param>
    /// <param name="bytes">What both directions have moved so far, together.</param>
    /// <param name="halfClosed">Whether one direction has ended.</param>
    public bool IsExpired(long nowMilliseconds, long bytes, bool halfClosed)
    {
        if (bytes != _lastBytes || halfClosed != _wasHalfClosed)
        {
            _lastBytes = bytes;
            _wasHalfClosed = halfClosed;
            _lastProgressMilliseconds = nowMilliseconds;
            return false;
        }

        TimeSpan limit = halfClosed ? halfClosedIdle : idle;
        return limit != Timeout.InfiniteTimeSpan && nowMilliseconds - _lastProgressMilliseconds >= (long)limit.TotalMilliseconds;
    }
}
