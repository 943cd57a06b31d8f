namespace Ptth.Relay.Statistics;

/// <summary>Counters by name, a fixed set. They are for what happens once a request at most: bytes are counted where they flow.</summary>
/// <param name="names">The names.</param>
internal sealed class CounterSet(IReadOnlyList<string> names)
{
    private readonly long[] _counts = new long[names.Count];

    /// <summary>Counts one more.</summary>
    /// <param name="number">The name's place in the list.</param>
    public void Increment(int number) => Interlocked.Increment(ref _counts[number]);

    /// <summary>All counts with their names.</summary>
    public IEnumerable<(string Name, long Count)> All() => names.Select((name, number) => (name, this[number]));

    /// <summary>How many have been counted.</summary>
    public long this[int number] => Volatile.Read(ref _counts[number]);
}
