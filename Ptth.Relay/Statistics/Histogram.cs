namespace Ptth.Relay.Statistics;

/// <summary>How long something took, by classes: how many took no longer than each bound.</summary>
/// <param name="bounds">The bounds, milliseconds, ascending.</param>
internal sealed class Histogram(params long[] bounds)
{
    // One more for what is longer than all bounds.
    private readonly long[] _counts = new long[bounds.Length + 1];
    private long _sum;

    /// <summary>The bounds, milliseconds.</summary>
    public IReadOnlyList<long> Bounds => bounds;

    /// <summary>All that was observed, milliseconds.</summary>
    public long Sum => Volatile.Read(ref _sum);

    /// <summary>Counts one.</summary>
    public void Observe(long milliseconds)
    {
        int number = 0;
        while (number < bounds.Length && milliseconds > bounds[number]) number++;
        Interlocked.Increment(ref _counts[number]);
        Interlocked.Add(ref _sum, milliseconds);
    }

    /// <summary>How many took no longer than each bound, and last of all how many there were.</summary>
    public long[] Cumulative()
    {
        long[] counts = new long[_counts.Length];
        long sum = 0;
        for (int number = 0; number < counts.Length; number++) counts[number] = sum += Volatile.Read(ref _counts[number]);
        return counts;
    }
}
