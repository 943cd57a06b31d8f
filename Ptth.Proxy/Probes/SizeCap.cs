namespace Ptth.Proxy.Probes;

/// <summary>Whether something takes no request bodies over a size.</summary>
internal sealed record SizeCap : PathMeasurement
{
    /// <summary>The longest Content-Length that was let pass where a longer one was refused, bytes; null where none was refused.</summary>
    public long? LongestLength { get; init; }

    /// <summary>The shortest Content-Length that was refused, bytes; null where none was.</summary>
    public long? RefusedLength { get; init; }

    /// <summary>How many bytes of a chunked body came to the relay before it was cut, bytes; null where none was cut.</summary>
    public long? StreamCutAfter { get; init; }

    /// <summary>How it was cut.</summary>
    public StreamCut StreamCut { get; init; }

    /// <summary>How many bytes of a chunked body were tried.</summary>
    public long StreamTried { get; init; }
}
