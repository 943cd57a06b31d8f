namespace Ptth.Tests.Support;

/// <summary>The servers that a relay is tested behind: those that docs/behind has a configuration for.</summary>
internal enum Intermediary
{
    /// <summary>nginx.</summary>
    Nginx,

    /// <summary>HAProxy, in its HTTP mode.</summary>
    HAProxy,

    /// <summary>Caddy.</summary>
    Caddy,

    /// <summary>Apache httpd.</summary>
    Apache,

    /// <summary>lighttpd.</summary>
    Lighttpd,
}
