namespace Ptth.Proxy.Doctor.Findings;

/// <summary>The programs that stand between a proxy and its relay, as far as they show themselves.</summary>
internal enum IntermediaryKind
{
    /// <summary>One that shows a name that means nothing here, or none.</summary>
    Other,

    /// <summary>nginx, and what is made of it.</summary>
    Nginx,

    /// <summary>HAProxy, which mostly shows nothing.</summary>
    HAProxy,

    /// <summary>Apache httpd.</summary>
    Apache,

    /// <summary>Caddy.</summary>
    Caddy,

    /// <summary>lighttpd.</summary>
    Lighttpd,

    /// <summary>Squid.</summary>
    Squid,

    /// <summary>tinyproxy.</summary>
    Tinyproxy,

    /// <summary>Cloudflare.</summary>
    Cloudflare,
}
