namespace Ptth.Load.Soak;

/// <summary>What has been counted during a run, and what went wrong.</summary>
internal sealed class Tally
{
    private const int MaxDetails = 40;

    private readonly Lock _lock = new();
    private readonly SortedDictionary<TunnelKind, KindCount> _kinds = [];
    private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);
    private readonly List<string> _failures = [];
    private long _failed;

    /// <summary>How many failures there were.</summary>
    public long Failed
    {
        get
        {
            lock (_lock) return _failed;
        }
    }

    /// <summary>Counts a tunnel.</summary>
    public void Add(TunnelVerdict verdict)
    {
        lock (_lock)
        {
            if (!_kinds.TryGetValue(verdict.Plan.Kind, out KindCount? count)) _kinds[verdict.Plan.Kind] = count = new KindCount();
            count.Tunnels++;
            count.Bytes += verdict.Client.Received + verdict.Server.Received;
            if (verdict.WentAsPlanned) count.AsPlanned++;
            else if (!verdict.IsFailure) count.Disturbed++;
            else count.Failed++;
        }

        if (verdict.IsFailure) Fail(verdict.ToString());
    }

    /// <summary>Counts something else.</summary>
    public void Count(string what)
    {
        lock (_lock) _counts[what] = _counts.GetValueOrDefault(what) + 1;
    }

    /// <summary>Notes a failure; the first few with their words.</summary>
    public void Fail(string what)
    {
        lock (_lock)
        {
            _failed++;
            if (_failures.Count >= MaxDetails) return;
            _failures.Add(what);
        }

        Console.Error.WriteLine($"{DateTime.UtcNow:HH:mm:ss} FAILURE {what}");
    }

    /// <summary>Copies of all that was counted.</summary>
    public (IReadOnlyList<(TunnelKind Kind, KindCount Count)> Kinds, IReadOnlyList<(string What, long Count)> Counts, IReadOnlyList<string> Failures) Snapshot()
    {
        lock (_lock)
        {
            return ([.. _kinds.Select(static entry => (entry.Key, entry.Value))],
                [.. _counts.Select(static entry => (entry.Key, entry.Value))], [.. _failures]);
        }
    }
}
