namespace Ptth.Relay.Admin;

/// <summary>What all tunnels have moved since the start, those that have ended included.</summary>
/// <param name="Up">Bytes from clients to servers.</param>
/// <param name="Down">Bytes from servers to clients.</param>
/// <param name="Spliced">Those of both that were spliced.</param>
internal readonly record struct TrafficSums(long Up, long Down, long Spliced)
{
    /// <summary>The larger of each: sums never fall.</summary>
    public TrafficSums AtLeast(TrafficSums other) => new(Math.Max(Up, other.Up), Math.Max(Down, other.Down), Math.Max(Spliced, other.Spliced));
}
