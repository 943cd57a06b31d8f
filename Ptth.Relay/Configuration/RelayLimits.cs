using Ptth.Http.Core;

namespace Ptth.Relay.Configuration;

/// <summary>What a relay holds at most, so that no party can take all of its memory or of its file descriptors.</summary>
internal sealed record RelayLimits
{
    /// <summary>HTTP connections: four for each tunnel of 1,000, and some for those who wait.</summary>
    public int MaxConnections { get; init; } = 4096;

    /// <summary>
    /// HTTP connections from one address. Three quarters of all unless it is set: a proxy with 1,000 tunnels and its listens has 2,300,
    /// and whoever has a key still cannot take all from one address.
    /// </summary>
    public int MaxConnectionsPerAddress { get => field > 0 ? field : MaxConnections - (MaxConnections / 4); init; }

    /// <summary>HTTP connections on which no known key has come yet. Each may cost a head of 16 KiB: 20 MiB together.</summary>
    public int MaxUnauthenticatedConnections { get; init; } = 1024;

    /// <summary>Those of one address: half, though a burst of 512 tunnels behind one address still loses none.</summary>
    public int MaxUnauthenticatedPerAddress { get; init; } = 512;

    /// <summary>A request's head, bytes; see <see cref="HttpLimits.MaxHeadBytes"/>.</summary>
    public int MaxHeadBytes { get; init; } = HttpLimits.Default.MaxHeadBytes;

    /// <summary>A request's field lines; see <see cref="HttpLimits.MaxFields"/>.</summary>
    public int MaxHeadFields { get; init; } = HttpLimits.Default.MaxFields;

    /// <summary>Tunnels in all.</summary>
    public int MaxTunnels { get; init; } = 1000;

    /// <summary>Tunnels of one client's key: half, so that one client cannot take all.</summary>
    public int MaxTunnelsPerClient { get; init; } = 500;

    /// <summary>Tunnels to one server's name. All unless it is set: most relays have one server, and it is clients that open tunnels.</summary>
    public int MaxTunnelsPerServer { get => field > 0 ? field : MaxTunnels; init; }

    /// <summary>Listen requests that wait under one server's key: 64 ports with the proxies' default of 4 each.</summary>
    public int MaxWaitingListensPerServer { get; init; } = 256;

    /// <summary>Connect requests of one client's key that no server has taken yet.</summary>
    public int MaxWaitingConnectsPerClient { get; init; } = 256;

    /// <summary>Bytes per second of all tunnels of one client together, both directions; 0 for as many as go.</summary>
    public long BytesPerSecondPerClient { get; init; }

    /// <summary>Bytes per second of one tunnel, both directions; 0 for as many as go.</summary>
    public long BytesPerSecondPerTunnel { get; init; }

    /// <summary>
    /// Requests without a good key from one address within a minute; further ones get 429. A server-side proxy with a wrong key and five
    /// ports makes 20 at its start, and is still told what is wrong.
    /// </summary>
    public int FailedAuthenticationsPerAddress { get; init; } = 20;
}
