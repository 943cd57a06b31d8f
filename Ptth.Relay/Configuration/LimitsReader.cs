using Ptth.Common.Toml;
using Ptth.Http.Flow;

namespace Ptth.Relay.Configuration;

/// <summary>Reads <c>[limits]</c>.</summary>
internal static class LimitsReader
{
    private const int MostConnections = 1_000_000;
    private const int MostTunnels = 250_000;
    private const int MostWaiting = 65_536;

    // 16 Gbit/s, which is more than one relay moves.
    private const int MostBytesPerSecond = 2_000_000_000;

    /// <summary>Bytes per second, 0 for no bound; null where the key is missing.</summary>
    public static long? ReadRate(TomlSection section, string key)
    {
        if (!section.Has(key)) return null;
        int rate = section.Number(key, 0, MostBytesPerSecond, 0);
        if (rate is > 0 and < RateLimit.LeastBytesPerSecond)
            section.Report(key, $"must be at least {RateLimit.LeastBytesPerSecond} bytes per second, or 0 for no limit");
        return rate;
    }

    /// <summary>The limits; the default for each that is missing.</summary>
    public static RelayLimits Read(TomlSection limits)
    {
        var defaults = new RelayLimits();
        return new RelayLimits
        {
            MaxConnections = limits.Number("max_connections", 1, MostConnections, defaults.MaxConnections),
            // 0 is what stands for the default of these two, which follows from another limit.
            MaxConnectionsPerAddress = limits.Number("max_connections_per_address", 1, MostConnections, 0),
            MaxTunnelsPerServer = limits.Number("max_tunnels_per_server", 1, MostTunnels, 0),
            MaxUnauthenticatedConnections = limits.Number("max_unauthenticated_connections", 1, MostConnections, defaults.MaxUnauthenticatedConnections),
            MaxUnauthenticatedPerAddress = limits.Number("max_unauthenticated_per_address", 1, MostConnections, defaults.MaxUnauthenticatedPerAddress),
            // The proxies' own heads have some 250 bytes and five fields, and an intermediary adds its own.
            MaxHeadBytes = limits.Number("max_head_bytes", 1024, ushort.MaxValue, defaults.MaxHeadBytes),
            MaxHeadFields = limits.Number("max_head_fields", 8, 1024, defaults.MaxHeadFields),
            MaxTunnels = limits.Number("max_tunnels", 1, MostTunnels, defaults.MaxTunnels),
            MaxTunnelsPerClient = limits.Number("max_tunnels_per_client", 1, MostTunnels, defaults.MaxTunnelsPerClient),
            MaxWaitingListensPerServer = limits.Number("max_waiting_listens_per_server", 1, MostWaiting, defaults.MaxWaitingListensPerServer),
            MaxWaitingConnectsPerClient = limits.Number("max_waiting_connects_per_client", 1, MostWaiting, defaults.MaxWaitingConnectsPerClient),
            BytesPerSecondPerClient = ReadRate(limits, "bytes_per_second_per_client") ?? 0,
            BytesPerSecondPerTunnel = ReadRate(limits, "bytes_per_second_per_tunnel") ?? 0,
            FailedAuthenticationsPerAddress =
                limits.Number("failed_authentications_per_address", 1, 1_000_000, defaults.FailedAuthenticationsPerAddress),
        };
    }
}
