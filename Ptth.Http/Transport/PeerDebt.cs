namespace Ptth.Http.Transport;

/// <summary>What a peer owes: acknowledgements of segments, or answers to probes (keepalive, or of a window that is closed).</summary>
/// <param name="SilentMilliseconds">How long nothing has come from it, not even an acknowledgement.</param>
/// <param name="HasSegments">Whether bytes that were sent to it are unacknowledged.</param>
/// <param name="Probes">Probes in a row without an answer.</param>
/// <param name="RoundTripMilliseconds">How long an answer may take before the kernel sends again: a few round trips, as they have been.</param>
public readonly record struct PeerDebt(long SilentMilliseconds, bool HasSegments, int Probes, long RoundTripMilliseconds);
