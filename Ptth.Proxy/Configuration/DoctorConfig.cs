using Ptth.Common.Net;
using Ptth.Common.Protocol;
using Ptth.Http.Transport.Tls;

namespace Ptth.Proxy.Configuration;

/// <summary>All that the doctor is told. Valid once it exists.</summary>
internal sealed record DoctorConfig
{
    /// <summary>Most of what cuts off a stream that rests does so after 60 s. A longer wait would be too long for those who look for something else.</summary>
    public const int DefaultIdleSeconds = 75;

    /// <summary>As long as the relay takes part.</summary>
    public const int MaxIdleSeconds = 300;

    public required RelayUrl Relay { get; init; }

    /// <summary>What decides whether the relay is the one that is meant, where its URL is https; null where it is http.</summary>
    public IServerTrust? Trust { get; init; }

    /// <summary>The HTTP proxy on the way to the relay; null where the way is direct.</summary>
    public HttpProxyChoice? HttpProxy { get; init; }

    public required PtthKey Key { get; init; }

    public ProxyTimeouts Timeouts { get; init; } = new();

    /// <summary>How long streams rest, to find out whether something cuts them off; zero where that is not tried.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(DefaultIdleSeconds);

    /// <summary>Whether it is measured how much gets through.</summary>
    public bool MeasuresThroughput { get; init; } = true;
}
