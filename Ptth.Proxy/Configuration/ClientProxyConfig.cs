using Ptth.Common.Net;
using Ptth.Common.Protocol;
using Ptth.Http.Transport.Tls;
using Ptth.Proxy.Reloading;

namespace Ptth.Proxy.Configuration;

/// <summary>All that a client-side proxy is told. Valid once it exists.</summary>
internal sealed record ClientProxyConfig
{
    public const int DefaultMaxTunnels = 1000;

    public const int MaxMaxTunnels = 250_000;

    public static readonly TimeSpan DefaultConnectWait = TimeSpan.FromSeconds(10);

    public required RelayUrl Relay { get; init; }

    /// <summary>What decides whether the relay is the one that is meant, where its URL is https; null where it is http.</summary>
    public IServerTrust? Trust { get; init; }

    /// <summary>The HTTP proxy on the way to the relay; null where the way is direct.</summary>
    public HttpProxyChoice? HttpProxy { get; init; }

    public required PtthKey Key { get; init; }

    /// <summary>The local ports, at least one, no address twice.</summary>
    public required IReadOnlyList<Forward> Forwards { get; init; }

    /// <summary>Tunnels open at once.</summary>
    public int MaxTunnels { get; init; } = DefaultMaxTunnels;

    /// <summary>How long the relay is asked to wait for a server, <c>Prefer: wait</c>. Zero is no wait.</summary>
    public TimeSpan ConnectWait { get; init; } = DefaultConnectWait;

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

    /// <summary>What has changed for all forwards, in words.</summary>
    public IEnumerable<string> ChangesSince(ClientProxyConfig former)
    {
        if (ConnectWait != former.ConnectWait) yield return "connect_wait";
        if (KeepAliveSeconds != former.KeepAliveSeconds) yield return "keep_alive";
        if (MarkEnds != former.MarkEnds) yield return "mark_ends";
        if (Upload != former.Upload) yield return "upload";
    }

    /// <summary>What both proxies have in common.</summary>
    public SharedSettings Shared => new(Relay, Trust, HttpProxy?.Url.ToString(), Key, MaxTunnels, Timeouts);
}
