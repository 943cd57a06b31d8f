using System.Globalization;
using Ptth.Relay.Configuration;

namespace Ptth.Relay.Reloading;

/// <summary>Limits and time-outs that are different, with both values.</summary>
internal static class SettingChanges
{
    private static readonly (string Key, Func<RelayLimits, long> Value)[] LimitKeys =
    [
        ("max_connections", static limits => limits.MaxConnections),
        ("max_connections_per_address", static limits => limits.MaxConnectionsPerAddress),
        ("max_unauthenticated_connections", static limits => limits.MaxUnauthenticatedConnections),
        ("max_unauthenticated_per_address", static limits => limits.MaxUnauthenticatedPerAddress),
        ("max_head_bytes", static limits => limits.MaxHeadBytes),
        ("max_head_fields", static limits => limits.MaxHeadFields),
        ("max_tunnels", static limits => limits.MaxTunnels),
        ("max_tunnels_per_client", static limits => limits.MaxTunnelsPerClient),
        ("max_tunnels_per_server", static limits => limits.MaxTunnelsPerServer),
        ("max_waiting_listens_per_server", static limits => limits.MaxWaitingListensPerServer),
        ("max_waiting_connects_per_client", static limits => limits.MaxWaitingConnectsPerClient),
        ("failed_authentications_per_address", static limits => limits.FailedAuthenticationsPerAddress),
        ("bytes_per_second_per_client", static limits => limits.BytesPerSecondPerClient),
        ("bytes_per_second_per_tunnel", static limits => limits.BytesPerSecondPerTunnel),
    ];

    private static readonly (string Key, Func<RelayTimeouts, TimeSpan> Value)[] TimeoutKeys =
    [
        ("accept", static timeouts => timeouts.Accept),
        ("attach", static timeouts => timeouts.Attach),
        ("half_closed_idle", static timeouts => timeouts.HalfClosedIdle),
        ("idle", static timeouts => timeouts.Idle),
        ("keep_alive", static timeouts => timeouts.KeepAlive),
        ("head", static timeouts => timeouts.Head),
        ("send", static timeouts => timeouts.Send),
        ("listen_wait", static timeouts => timeouts.ListenWait),
        ("connect_wait", static timeouts => timeouts.ConnectWait),
    ];

    /// <summary>The limits that are different.</summary>
    public static IEnumerable<string> Of(RelayLimits former, RelayLimits next) => LimitKeys
        .Where(limit => limit.Value(former) != limit.Value(next))
        .Select(limit => string.Create(CultureInfo.InvariantCulture, $"limits.{limit.Key} {limit.Value(former)} to {limit.Value(next)}"));

    /// <summary>The time-outs that are different.</summary>
    public static IEnumerable<string> Of(RelayTimeouts former, RelayTimeouts next) => TimeoutKeys
        .Where(timeout => timeout.Value(former) != timeout.Value(next))
        .Select(timeout => $"timeouts.{timeout.Key} {Seconds(timeout.Value(former))} to {Seconds(timeout.Value(next))}");

    /// <summary>As the configuration writes it.</summary>
    private static string Seconds(TimeSpan timeout) =>
        (timeout == Timeout.InfiniteTimeSpan ? 0 : (long)timeout.TotalSeconds).ToString(CultureInfo.InvariantCulture);
}
