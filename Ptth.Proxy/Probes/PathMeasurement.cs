namespace Ptth.Proxy.Probes;

/// <summary>What a probe of the path found, or why it found nothing. The findings mean something where the outcome is <see cref="ProbeOutcome.Measured"/>.</summary>
internal abstract record PathMeasurement
{
    /// <summary>How the probe came out.</summary>
    public required ProbeOutcome Outcome { get; init; }

    /// <summary>The answer that says most: the one that cut the probe short or refused it, else the last one. Null where none came.</summary>
    public PathAnswer? Answer { get; init; }

    /// <summary>Why the connection failed, in words; null where it did not.</summary>
    public string? Failure { get; init; }
}
