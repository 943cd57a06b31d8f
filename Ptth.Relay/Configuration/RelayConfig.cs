using System.Net;
using Ptth.Common.Protocol;

namespace Ptth.Relay.Configuration;

/// <summary>All that a relay is told. Valid once it exists.</summary>
internal sealed record RelayConfig
{
    /// <summary>The addresses to listen on, at least one.</summary>
    public required IReadOnlyList<IPEndPoint> Listen { get; init; }

    /// <summary>What every path begins with, without a trailing slash; empty at the root.</summary>
    public string BasePath { get; init; } = PtthPaths.DefaultBase;

    public RelayLimits Limits { get; init; } = new();

    public RelayTimeouts Timeouts { get; init; } = new();

    public required IReadOnlyList<ServerEntry> Servers { get; init; }

    public required IReadOnlyList<ClientEntry> Clients { get; init; }
}
