namespace Ptth.Proxy.Probes;

/// <summary>How long small messages take there and back. Medians.</summary>
internal sealed record Latency : PathMeasurement
{
    /// <summary>A request without a body and its answer, on a connection that is kept.</summary>
    public TimeSpan Request { get; init; }

    /// <summary>64 bytes on an open stream, and 64 bytes back on another, as in a tunnel.</summary>
    public TimeSpan Stream { get; init; }

    /// <summary>How often each was measured.</summary>
    public int Rounds { get; init; }
}
