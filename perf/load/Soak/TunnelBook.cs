using System.Collections.Concurrent;

namespace Ptth.Load.Soak;

/// <summary>All tunnels of a run by their IDs, also those that have ended: a late header finds its own.</summary>
internal sealed class TunnelBook
{
    private readonly ConcurrentDictionary<ulong, TunnelRun> _runs = new();

    /// <summary>Adds one.</summary>
    public void Add(TunnelRun run) => _runs[run.Plan.Id] = run;

    /// <summary>Finds one; null where no tunnel has that ID.</summary>
    public TunnelRun? Find(ulong id) => _runs.GetValueOrDefault(id);
}
