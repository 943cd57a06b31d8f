namespace Ptth.Proxy.Probes;

/// <summary>Whether something cuts streams that rest.</summary>
internal sealed record IdleCut : PathMeasurement
{
    /// <summary>How long they rested.</summary>
    public TimeSpan Waited { get; init; }

    /// <summary>The body of an answer.</summary>
    public IdleDirection Down { get; init; } = IdleDirection.NotMeasured;

    /// <summary>The body of a request.</summary>
    public IdleDirection Up { get; init; } = IdleDirection.NotMeasured;
}
