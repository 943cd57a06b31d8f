namespace Ptth.Relay.Admission;

/// <summary>The bound that a connection was reset for.</summary>
internal enum TurnedAway
{
    /// <summary><c>max_connections</c>.</summary>
    Connections,

    /// <summary><c>max_connections_per_address</c>.</summary>
    ConnectionsOfAddress,

    /// <summary><c>max_unauthenticated_connections</c>.</summary>
    Unauthenticated,

    /// <summary><c>max_unauthenticated_per_address</c>.</summary>
    UnauthenticatedOfAddress,
}
