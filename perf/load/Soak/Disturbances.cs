using System.Diagnostics;

namespace Ptth.Load.Soak;

/// <summary>When something on the way was killed, restarted or pulled: tunnels that were there then may break, others may not.</summary>
internal sealed class Disturbances
{
    private readonly Lock _lock = new();
    private readonly List<(long From, long To)> _past = [];
    private long? _from;

    /// <summary>One begins; there is one at a time.</summary>
    public void Begin()
    {
        lock (_lock) _from = Stopwatch.GetTimestamp();
    }

    /// <summary>It is over: a new tunnel works.</summary>
    public void End()
    {
        lock (_lock)
        {
            if (_from is not { } from) return;
            _past.Add((from, Stopwatch.GetTimestamp()));
            _from = null;
        }
    }

    /// <summary>Whether there was one at any time since <paramref name="start"/>, a time of <see cref="Stopwatch"/>.</summary>
    public bool TouchedSince(long start)
    {
        lock (_lock) return _from is not null || _past.Exists(past => past.To >= start);
    }
}
