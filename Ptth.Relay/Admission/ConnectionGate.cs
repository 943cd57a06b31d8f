using System.Net.Sockets;
using Ptth.Relay.Configuration;

namespace Ptth.Relay.Admission;

/// <summary>
/// Lets connections in and counts them: in all, by address, and those that no known key has come on. Where a bound is reached, the newcomer
/// takes the place of an unauthenticated connection, if there is one: an honest newcomer shows its key within a round trip, while those
/// that hold places without one are mostly there to keep others out. One whose key is known is never displaced, until a request on it
/// carries one that is not.
/// </summary>
/// <remarks>
/// Within an address the oldest goes. Where the bound is one of all addresses, it is the oldest of the address that has the most: whoever
/// comes from few addresses displaces himself, and an address with a single connection is the last to lose it. But where that one came
/// only just now, as those of a proxy that opens several tunnels at once among attackers with one connection each, the oldest of all goes.
/// </remarks>
/// <param name="limits">The bounds.</param>
/// <param name="time">The clock.</param>
/// <param name="onTurnedAway">Is told of each connection that is reset, after the lock is released.</param>
internal sealed class ConnectionGate(RelayLimits limits, TimeProvider time, Action<PeerAddress, TurnedAway> onTurnedAway)
{
    /// <summary>Younger ones are not judged by their number: time for a TLS handshake and a request over a slow line.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private RelayLimits _limits = limits;
    private readonly Dictionary<PeerAddress, AddressGroup> _groups = [];
    private readonly CrowdRanking _ranking = new();
    private readonly LinkedList<Stranger> _strangers = new();
    private int _count;

    /// <summary>How many connections are in.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _count;
        }
    }

    /// <summary>How many of them no known key has come on.</summary>
    public int Unauthenticated
    {
        get
        {
            lock (_lock) return _strangers.Count;
        }
    }

    /// <summary>Lets a new connection in; null where there is no place for it, and it was reset.</summary>
    /// <param name="socket">The connection.</param>
    /// <param name="address">Whose it is.</param>
    /// <param name="isTrusted">Whether that is a trusted proxy: the bounds by address say nothing about those behind it.</param>
    public AdmittedConnection? Enter(Socket socket, PeerAddress address, bool isTrusted = false)
    {
        AdmittedConnection? entered = null, victim = null;
        TurnedAway? bound;
        lock (_lock)
        {
            AddressGroup group = (isTrusted ? null : _groups.GetValueOrDefault(address)) ?? new AddressGroup(address, isTrusted);
            bound = BoundFor(group);
            if (bound is not null)
            {
                bool isOfAddress = bound is TurnedAway.ConnectionsOfAddress or TurnedAway.UnauthenticatedOfAddress;
                victim = (isOfAddress ? group.Unauthenticated.First?.Value : OldestOfCrowd())?.Connection;
                if (victim is not null) Remove(victim);
            }

            if (bound is null || victim is not null) entered = Add(socket, group);
        }

        victim?.Break();
        if (entered is null) socket.Close(timeout: 0);
        if (bound is { } reached) onTurnedAway(victim?.Group.Address ?? address, reached);
        return entered;
    }

    /// <summary>A request on it has carried a known key.</summary>
    public void OnAuthenticated(AdmittedConnection connection)
    {
        if (connection.IsKnown) return;
        lock (_lock)
        {
            if (connection.HasLeft || connection.IsKnown) return;
            connection.IsKnown = true;
            LeaveCrowd(connection);
        }
    }

    /// <summary>A request on it has carried a key that is not good: whatever came on it before, its key may be gone or over.</summary>
    public void OnRefused(AdmittedConnection connection)
    {
        if (!connection.IsKnown) return;
        lock (_lock)
        {
            if (connection.HasLeft || !connection.IsKnown) return;
            connection.IsKnown = false;
            JoinCrowd(connection);
        }
    }

    /// <summary>Other bounds from now on. They reset nobody; newcomers are judged by them.</summary>
    public void Use(RelayLimits limits)
    {
        lock (_lock) _limits = limits;
    }

    /// <summary>The connection has ended.</summary>
    public void Leave(AdmittedConnection connection)
    {
        lock (_lock) Remove(connection);
    }

    private Stranger? OldestOfCrowd()
    {
        Stranger? oldest = _ranking.Largest?.Unauthenticated.First!.Value;
        return oldest is null || time.GetElapsedTime(oldest.Since) >= Grace ? oldest : _strangers.First!.Value;
    }

    private TurnedAway? BoundFor(AddressGroup group)
    {
        if (group.Unauthenticated.Count >= _limits.MaxUnauthenticatedPerAddress) return TurnedAway.UnauthenticatedOfAddress;
        if (group.Count >= _limits.MaxConnectionsPerAddress) return TurnedAway.ConnectionsOfAddress;
        if (_strangers.Count >= _limits.MaxUnauthenticatedConnections) return TurnedAway.Unauthenticated;
        return _count >= _limits.MaxConnections ? TurnedAway.Connections : null;
    }

    private AdmittedConnection Add(Socket socket, AddressGroup group)
    {
        var connection = new AdmittedConnection(socket, group);
        _count++;
        // A group whose last connection was displaced for this one has left the table.
        if (group.Count++ == 0 && !group.StandsAlone) _groups[group.Address] = group;
        JoinCrowd(connection);
        return connection;
    }

    private void JoinCrowd(AdmittedConnection connection)
    {
        var stranger = new Stranger(connection, time.GetTimestamp());
        connection.Stranger = stranger;
        connection.Group.Unauthenticated.AddLast(stranger.InGroup);
        _strangers.AddLast(stranger.InAll);
        _ranking.Update(connection.Group);
    }

    private void Remove(AdmittedConnection connection)
    {
        if (connection.HasLeft) return;
        connection.HasLeft = true;
        LeaveCrowd(connection);
        _count--;
        if (--connection.Group.Count == 0 && !connection.Group.StandsAlone) _groups.Remove(connection.Group.Address);
    }

    private void LeaveCrowd(AdmittedConnection connection)
    {
        if (connection.Stranger is null) return;
        connection.Group.Unauthenticated.Remove(connection.Stranger.InGroup);
        _strangers.Remove(connection.Stranger.InAll);
        connection.Stranger = null;
        _ranking.Update(connection.Group);
    }
}
