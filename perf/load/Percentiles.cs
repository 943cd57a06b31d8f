namespace Ptth.Load;

/// <summary>A bounded list of times, and the percentiles of those that were added.</summary>
internal sealed class Percentiles(int capacity)
{
    private readonly long[] _ticks = new long[capacity];

    /// <summary>How many were added.</summary>
    public int Count { get; private set; }

    /// <summary>Adds one.</summary>
    /// <exception cref="IndexOutOfRangeException">There are as many as there may be.</exception>
    public void Add(TimeSpan time) => _ticks[Count++] = time.Ticks;

    /// <summary>The smallest time that is not exceeded by that share (0 to 1) of all; zero if there is none.</summary>
    public TimeSpan At(double share)
    {
        if (Count == 0) return TimeSpan.Zero;
        Array.Sort(_ticks, 0, Count);
        return TimeSpan.FromTicks(_ticks[Math.Clamp((int)Math.Ceiling(share * Count) - 1, 0, Count - 1)]);
    }
}
