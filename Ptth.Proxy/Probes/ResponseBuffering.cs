namespace Ptth.Proxy.Probes;

/// <summary>Whether something holds answers back until they end.</summary>
internal sealed record ResponseBuffering : PathMeasurement
{
    /// <summary>Whether an answer is held back that asks not to be, with X-Accel-Buffering, as the relay's streams do.</summary>
    public bool IsHeld { get; init; }

    /// <summary>
    /// Whether one is that does not ask, and whose chunk is not complete: where this alone is true, tunnels work because something heeds
    /// X-Accel-Buffering, or because the relay sends whole chunks.
    /// </summary>
    public bool IsHeldUnasked { get; init; }
}
