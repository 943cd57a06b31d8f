using System.Net;
using Ptth.Common.Protocol;
using Ptth.Relay.Tls;

namespace Ptth.Relay.Configuration;

/// <summary>All that a relay is told. Valid once it exists.</summary>
internal sealed record RelayConfig
{
    /// <summary>The addresses on which plain HTTP is spoken; at least one, or else some with TLS.</summary>
    public required IReadOnlyList<IPEndPoint> Listen { get; init; }

    /// <summary>The addresses on which TLS is spoken, and the certificate; null for none.</summary>
    public RelayTls? Tls { get; init; }

    /// <summary>Where operators look; null for nowhere.</summary>
    public AdminEntry? Admin { get; init; }

    /// <summary>What every path begins with, without a trailing slash; empty at the root.</summary>
    public string BasePath { get; init; } = PtthPaths.DefaultBase;

    /// <summary>The reverse proxies that are believed whom they speak for; empty for none.</summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

    /// <summary>Where the audit log goes; null for nowhere.</summary>
    public AuditFile? AuditLog { get; init; }

    public RelayLimits Limits { get; init; } = new();

    public RelayTimeouts Timeouts { get; init; } = new();

    public required IReadOnlyList<ServerEntry> Servers { get; init; }

    public required IReadOnlyList<ClientEntry> Clients { get; init; }
}
