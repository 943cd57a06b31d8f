namespace Ptth.Relay.Configuration;

/// <summary>How long a relay waits for what. <see cref="Timeout.InfiniteTimeSpan"/> where a time-out is turned off.</summary>
internal sealed record RelayTimeouts
{
    /// <summary>A server took a connection and has not accepted or rejected it: the connect gets 504.</summary>
    public TimeSpan Accept { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A side has not attached its streaming request after the accept.</summary>
    public TimeSpan Attach { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>One direction has ended and the other carries nothing.</summary>
    public TimeSpan HalfClosedIdle { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>Neither direction carries anything.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(86400);

    /// <summary>A connection between two requests.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>A request's head, from its first byte; a connection's first head, from the connection's begin.</summary>
    public TimeSpan Head { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A small answer that its receiver does not take.</summary>
    public TimeSpan Send { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a listen waits that does not say how long.</summary>
    public TimeSpan ListenWait { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>How long a connect waits that does not say how long. Zero is no wait.</summary>
    public TimeSpan ConnectWait { get; init; } = TimeSpan.FromSeconds(10);
}
