namespace Ptth.Proxy.Probes;

/// <summary>Whether connections serve further requests.</summary>
internal sealed record KeepAlive : PathMeasurement
{
    /// <summary>How many requests were made, one after the other.</summary>
    public int Requests { get; init; }

    /// <summary>How many connections of this proxy's they took: 1 where connections are kept.</summary>
    public int OwnConnections { get; init; }

    /// <summary>How many connections to the relay they came on: more where something in between does not keep its own.</summary>
    public int RelayConnections { get; init; }
}
