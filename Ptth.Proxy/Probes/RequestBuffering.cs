namespace Ptth.Proxy.Probes;

/// <summary>Whether something holds a request's body back until it ends.</summary>
internal sealed record RequestBuffering : PathMeasurement
{
    /// <summary>Whether the relay saw nothing of the request while its body was open.</summary>
    public bool IsHeld { get; init; }
}
