namespace Ptth.Relay.Probes;

/// <summary>How many probes may be under way: each party's in few places, so that none can have all.</summary>
internal sealed class ProbeTurns
{
    /// <summary>Of one party: two programs that look at the path at once, each with two streams in each direction.</summary>
    public const int MaxPerParty = 8;

    /// <summary>Of all: some 2 MiB of buffers where each moves bytes.</summary>
    public const int MaxInAll = 32;

    private readonly Lock _lock = new();
    private readonly Dictionary<(bool IsServer, string Name), int> _taken = [];
    private int _inAll;

    /// <summary>How many are under way.</summary>
    public int Taken
    {
        get
        {
            lock (_lock) return _inAll;
        }
    }

    /// <summary>Takes a place; false where there are as many as there may be.</summary>
    public bool TryTake(Principal party)
    {
        (bool, string) key = (party.IsServer, party.Name);
        lock (_lock)
        {
            int taken = _taken.GetValueOrDefault(key);
            if (taken >= MaxPerParty || _inAll >= MaxInAll) return false;
            _taken[key] = taken + 1;
            _inAll++;
            return true;
        }
    }

    /// <summary>Gives the place back.</summary>
    public void Return(Principal party)
    {
        (bool, string) key = (party.IsServer, party.Name);
        lock (_lock)
        {
            _inAll--;
            if (--_taken[key] == 0) _taken.Remove(key);
        }
    }
}
