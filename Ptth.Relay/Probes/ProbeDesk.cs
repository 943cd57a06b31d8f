using System.Collections.Concurrent;
using Ptth.Common.Protocol;

namespace Ptth.Relay.Probes;

/// <summary>The probes that are under way: how many there may be, which belong together, and what ends them all.</summary>
#pragma warning disable CA1001 // A source without a timer, whose wait handle nobody asks for, holds nothing to give back.
internal sealed class ProbeDesk
#pragma warning restore CA1001
{
    private readonly ConcurrentDictionary<ConnectionId, ProbePair> _pairs = new();
    private readonly CancellationTokenSource _draining = new();

    /// <summary>How many there may be.</summary>
    public ProbeTurns Turns { get; } = new();

    /// <summary>Cancelled when the relay drains.</summary>
    public CancellationToken Draining => _draining.Token;

    /// <summary>Makes a pair known; there are no more than <see cref="Turns"/> lets in.</summary>
    public ConnectionId Add(ProbePair pair)
    {
        var id = ConnectionId.New();
        _pairs[id] = pair;
        return id;
    }

    /// <summary>Forgets a pair.</summary>
    public void Remove(ConnectionId id) => _pairs.TryRemove(id, out _);

    /// <summary>A pair by its ID, for the party that it belongs to; to anyone else it does not exist.</summary>
    public ProbePair? Find(ConnectionId id, Principal party) => _pairs.TryGetValue(id, out ProbePair? pair) && pair.IsOf(party) ? pair : null;

    /// <summary>Ends all probes that wait for something.</summary>
    public void StartDraining() => _draining.Cancel();
}
