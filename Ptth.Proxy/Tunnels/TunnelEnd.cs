namespace Ptth.Proxy.Tunnels;

/// <summary>How a tunnel ended, as the proxy saw it.</summary>
internal enum TunnelEnd
{
    /// <summary>Both directions ended cleanly.</summary>
    Completed,

    /// <summary>The TCP connection here broke.</summary>
    LocalBroke,

    /// <summary>The relay, or the party behind it, broke off.</summary>
    RelayBroke,

    /// <summary>The relay sent what is not the protocol.</summary>
    RelayInvalid,

    /// <summary>Nothing moved for too long.</summary>
    Idle,

    /// <summary>The proxy is stopping.</summary>
    Stopping,
}
