namespace Ptth.Relay.Tunnels;

/// <summary>What the table has counted since the start.</summary>
/// <param name="Opened">Tunnels that were begun.</param>
/// <param name="Ended">Those that have ended, by <see cref="TunnelEnd"/>.</param>
/// <param name="EndedBytesUp">The bytes up of those that have ended.</param>
/// <param name="EndedBytesDown">The bytes down of those.</param>
/// <param name="EndedBytesSpliced">Those of both that were spliced.</param>
internal readonly record struct TunnelCounts(long Opened, long[] Ended, long EndedBytesUp, long EndedBytesDown, long EndedBytesSpliced);
