namespace Ptth.Proxy.Probes;

/// <summary>How a probe of the path came out.</summary>
internal enum ProbeOutcome
{
    /// <summary>It found what it looks for, or that it is not there.</summary>
    Measured,

    /// <summary>The relay does not know this probe: it is older.</summary>
    NotKnown,

    /// <summary>The answer was another one than the probe's: see <see cref="PathMeasurement.Answer"/> for who gave it.</summary>
    Refused,

    /// <summary>The relay cannot be reached, or a connection broke: see <see cref="PathMeasurement.Failure"/>.</summary>
    Failed,

    /// <summary>Nothing came within the probe's own bound.</summary>
    Late,
}
