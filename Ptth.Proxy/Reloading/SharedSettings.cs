using Ptth.Common.Net;
using Ptth.Common.Protocol;
using Ptth.Http.Transport.Tls;
using Ptth.Proxy.Configuration;

namespace Ptth.Proxy.Reloading;

/// <summary>What both proxies' configurations have in common, as far as it matters when they are read again.</summary>
internal readonly record struct SharedSettings(RelayUrl Relay, IServerTrust? Trust, string? HttpProxy, PtthKey Key, int MaxTunnels, ProxyTimeouts Timeouts)
{
    /// <summary>What of it comes into force at once.</summary>
    public IEnumerable<string> TakenSince(SharedSettings former)
    {
        if (Key.Reveal() != former.Key.Reveal()) yield return "key";
        if (MaxTunnels != former.MaxTunnels) yield return $"max_tunnels {former.MaxTunnels} to {MaxTunnels}";
        if (Timeouts.Idle != former.Timeouts.Idle) yield return "timeouts.idle";
        if (Timeouts.HalfClosedIdle != former.Timeouts.HalfClosedIdle) yield return "timeouts.half_closed_idle";
    }

    /// <summary>What of it needs a restart, by its keys: all that belongs to the connections to the relay.</summary>
    public IEnumerable<string> NeedRestartSince(SharedSettings former)
    {
        if (Relay.ToString() != former.Relay.ToString()) yield return "relay";
        if (Trust?.ToString() != former.Trust?.ToString()) yield return "tls";
        if (HttpProxy != former.HttpProxy) yield return "proxy";
        if (Timeouts.RelayConnect != former.Timeouts.RelayConnect) yield return "timeouts.relay_connect";
        if (Timeouts.ResponseHead != former.Timeouts.ResponseHead) yield return "timeouts.response_head";
        if (Timeouts.IdleConnection != former.Timeouts.IdleConnection) yield return "timeouts.idle_connection";
        if (Timeouts.PathCheck != former.Timeouts.PathCheck) yield return "timeouts.path_check";
    }
}
