using Ptth.Common.Net;
using Ptth.Common.Protocol;
using Ptth.Http.Transport.Tls;
using Ptth.Proxy.Reloading;

namespace Ptth.Proxy.Configuration;

/// <summary>All that a server-side proxy is told. Valid once it exists.</summary>
internal sealed record ServerProxyConfig
{
    public const int DefaultListensPerPort = 4;

    public const int MinListensPerPort = 1;

    public const int MaxListensPerPort = 64;

    public const int DefaultMaxTunnels = 1000;

    public const int MaxMaxTunnels = 250_000;

    public static readonly TimeSpan DefaultDialTimeout = TimeSpan.FromSeconds(8);

    public required RelayUrl Relay { get; init; }

    /// <summary>What decides whether the relay is the one that is meant, where its URL is https; null where it is http.</summary>
    public IServerTrust? Trust { get; init; }

    /// <summary>The HTTP proxy on the way to the relay; null where the way is direct.</summary>
    public HttpProxyChoice? HttpProxy { get; init; }

    public required PtthKey Key { get; init; }

    /// <summary>The ports offered, at least one, no name twice.</summary>
    public required IReadOnlyList<PortMapping> Ports { get; init; }

    /// <summary>Listen requests kept open for each port, so that a burst does not wait for the next listen.</summary>
    public int ListensPerPort { get; init; } = DefaultListensPerPort;

    /// <summary>Tunnels open at once.</summary>
    public int MaxTunnels { get; init; } = DefaultMaxTunnels;

    /// <summary>How long a target may take to answer. Below the relay's accept time-out, so that the client hears the reason.</summary>
    public TimeSpan DialTimeout { get; init; } = DefaultDialTimeout;

    /// <summary>
    /// The longest time without a byte in a tunnel's streams, seconds, where what lies between cuts those that rest; 0 for any. Asked of the
    /// other proxy too.
    /// </summary>
    public int KeepAliveSeconds { get; init; }

    /// <summary>Whether the clean ends of a tunnel's streams are to be marked, where what lies between takes breaks for ends. Asked of the other proxy too.</summary>
    public bool MarkEnds { get; init; }

    /// <summary>How this proxy's bytes go to the relay.</summary>
    public UploadSettings Upload { get; init; } = new();

    public ProxyTimeouts Timeouts { get; init; } = new();

    /// <summary>Tunnels and waiting listens together: a waiting listen takes a place, so that a client which it announces has one.</summary>
    public int Places => MaxTunnels + (Ports.Count * ListensPerPort);

    /// <summary>What has changed for all ports, in words.</summary>
    public IEnumerable<string> ChangesSince(ServerProxyConfig former)
    {
        if (ListensPerPort != former.ListensPerPort) yield return $"listens {former.ListensPerPort} to {ListensPerPort}";
        if (DialTimeout != former.DialTimeout) yield return "dial_timeout";
        if (KeepAliveSeconds != former.KeepAliveSeconds) yield return "keep_alive";
        if (MarkEnds != former.MarkEnds) yield return "mark_ends";
        if (Upload != former.Upload) yield return "upload";
    }

    /// <summary>Whether listens that were begun by <paramref name="former"/> would not serve by this.</summary>
    public bool NeedsOtherListens(ServerProxyConfig former) => ChangesSince(former).Any()
        || Timeouts.Idle != former.Timeouts.Idle || Timeouts.HalfClosedIdle != former.Timeouts.HalfClosedIdle;

    /// <summary>What both proxies have in common.</summary>
    public SharedSettings Shared => new(Relay, Trust, HttpProxy?.Url.ToString(), Key, MaxTunnels, Timeouts);
}
