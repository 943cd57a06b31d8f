namespace Ptth.Relay.Admission;

/// <summary>
/// Bounds how many lines of one kind are logged, for lines that strangers can cause: those that are left out are counted, and the next
/// line that is logged tells how many they were.
/// </summary>
internal sealed class LogThrottle
{
    /// <summary>Lines in each period: enough to see what happens, too few to fill a disk.</summary>
    public const int LinesPerPeriod = 20;

    /// <summary>The period.</summary>
    public const long PeriodMilliseconds = 10_000;

    private readonly Lock _lock = new();
    private long _periodEnds = long.MinValue;
    private int _lines;
    private int _leftOut;

    /// <summary>Whether a line may be logged now.</summary>
    /// <param name="nowMilliseconds">A monotonic time.</param>
    /// <param name="leftOut">How many have been left out since the last line.</param>
    public bool TryTake(long nowMilliseconds, out int leftOut)
    {
        lock (_lock)
        {
            if (nowMilliseconds >= _periodEnds)
            {
                _periodEnds = nowMilliseconds + PeriodMilliseconds;
                _lines = 0;
            }

            leftOut = _leftOut;
            if (_lines >= LinesPerPeriod)
            {
                _leftOut++;
                return false;
            }

            _lines++;
            _leftOut = 0;
            return true;
        }
    }
}
