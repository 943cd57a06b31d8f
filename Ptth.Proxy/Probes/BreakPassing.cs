namespace Ptth.Proxy.Probes;

/// <summary>What becomes of a break on its way: of an answer that the relay breaks off, and of a request's body that this side does.</summary>
internal sealed record BreakPassing : PathMeasurement
{
    /// <summary>
    /// How the answer ended here: broken, or as a whole one does; silent where nothing was told of it, none where the relay broke nothing off, or
    /// that cannot be measured.
    /// </summary>
    public StreamCut Down { get; init; }

    /// <summary>How the body ended at the relay, likewise; silent where the relay learnt nothing of it, none where that cannot be measured.</summary>
    public StreamCut Up { get; init; }
}
