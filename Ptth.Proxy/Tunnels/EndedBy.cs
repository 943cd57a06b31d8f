namespace Ptth.Proxy.Tunnels;

/// <summary>Through whom a tunnel ended, as the proxy saw it.</summary>
internal enum EndedBy
{
    /// <summary>The program at the TCP connection here.</summary>
    Local,

    /// <summary>The relay, or the party behind it.</summary>
    Relay,

    /// <summary>This proxy.</summary>
    Proxy,
}
