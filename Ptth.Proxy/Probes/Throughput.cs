namespace Ptth.Proxy.Probes;

/// <summary>How fast one stream in each direction is.</summary>
internal sealed record Throughput : PathMeasurement
{
    /// <summary>The body of an answer.</summary>
    public StreamRate Down { get; init; } = StreamRate.NotMeasured;

    /// <summary>The body of a request.</summary>
    public StreamRate Up { get; init; } = StreamRate.NotMeasured;
}
