namespace Ptth.Relay.Tunnels;

/// <summary>The bound that keeps a tunnel from beginning.</summary>
internal enum TunnelLimit
{
    /// <summary>None: it has begun.</summary>
    None,

    /// <summary><c>max_tunnels</c>.</summary>
    InAll,

    /// <summary><c>max_tunnels_per_client</c>.</summary>
    OfClient,

    /// <summary><c>max_tunnels_per_server</c>.</summary>
    OfServer,
}
