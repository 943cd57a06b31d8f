namespace Ptth.Relay.Configuration;

/// <summary>What a relay holds at most, so that no party can take all of its memory or of its file descriptors.</summary>
internal sealed record RelayLimits
{
    /// <summary>HTTP connections: four for each tunnel of 1,000, and some for those who wait.</summary>
    public int MaxConnections { get; init; } = 4096;

    /// <summary>Tunnels in all.</summary>
    public int MaxTunnels { get; init; } = 1000;

    /// <summary>Tunnels of one client's key: half, so that one client cannot take all.</summary>
    public int MaxTunnelsPerClient { get; init; } = 500;

    /// <summary>Listen requests that wait under one server's key: 64 ports with the proxies' default of 4 each.</summary>
    public int MaxWaitingListensPerServer { get; init; } = 256;

    /// <summary>Connect requests of one client's key that no server has taken yet.</summary>
    public int MaxWaitingConnectsPerClient { get; init; } = 256;
}
