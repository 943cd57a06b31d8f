namespace Ptth.Proxy.Configuration;

/// <summary>How long a proxy waits for what. <see cref="Timeout.InfiniteTimeSpan"/> where a time-out is turned off.</summary>
internal sealed record ProxyTimeouts
{
    /// <summary>A TCP connection to the relay.</summary>
    public TimeSpan RelayConnect { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>An answer's head, beyond any wait that was asked for.</summary>
    public TimeSpan ResponseHead { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>A pooled connection that carries no request. Below the relay's keep_alive, so that requests do not meet its close.</summary>
    public TimeSpan IdleConnection { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>Connections to the relay that wait or are kept rest for so long before the path is probed.</summary>
    public TimeSpan PathCheck { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>One direction of a tunnel has ended and the other carries nothing.</summary>
    public TimeSpan HalfClosedIdle { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>Neither direction of a tunnel carries anything.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(86400);

    /// <summary>These, with those of connections to the relay as they are in <paramref name="former"/>.</summary>
    public ProxyTimeouts WithConnectionsOf(ProxyTimeouts former) => this with
    {
        RelayConnect = former.RelayConnect,
        ResponseHead = former.ResponseHead,
        IdleConnection = former.IdleConnection,
        PathCheck = former.PathCheck,
    };
}
