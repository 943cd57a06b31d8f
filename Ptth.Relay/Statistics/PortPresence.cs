namespace Ptth.Relay.Statistics;

/// <summary>Whether a port's server is there. It belongs to the board's lock. Times are the ticker's, milliseconds.</summary>
internal sealed class PortPresence
{
    /// <summary>Listens that wait now.</summary>
    public int Listens { get; set; }

    /// <summary>Tunnels that the server had accepted at the last look.</summary>
    public int Tunnels { get; set; }

    /// <summary>When a listen or a tunnel of it was last there.</summary>
    public long LastSeen { get; set; }

    /// <summary>Whether it is online, and since when it is or is not.</summary>
    public OnlineState State { get; } = new();
}
