namespace Ptth.Http.Transport;

/// <summary>How the kernel asks a peer that rests whether it is there (TCP keepalive).</summary>
/// <param name="RestSeconds">Seconds of rest before the first probe.</param>
/// <param name="IntervalSeconds">Seconds between probes that are not answered.</param>
/// <param name="Probes">Unanswered probes after which the connection is given up.</param>
public readonly record struct PeerCheck(int RestSeconds, int IntervalSeconds, int Probes)
{
    /// <summary>
    /// For all connections: 20 s, and 4 probes 8 s apart. So a peer that is gone is given up after 52 s; the kernel's timers may be an eighth
    /// late, which stays below a minute. One whose path is gone for half a minute is not.
    /// </summary>
    public static readonly PeerCheck Usual = new(20, 8, TcpOptions.KeepAliveProbes);

    /// <summary>
    /// For one that is looked at closely: a probe a second once it has rested. There are ten, so that the program decides by what it sees,
    /// and the kernel only where the program does not.
    /// </summary>
    /// <param name="restSeconds">Seconds of rest before the first probe.</param>
    public static PeerCheck Close(int restSeconds) => new(restSeconds, 1, 10);
}
