namespace Ptth.Relay.Tunnels;

/// <summary>How a tunnel ended, and through whom.</summary>
internal enum TunnelEnd
{
    /// <summary>Both directions ended cleanly.</summary>
    Completed,

    /// <summary>Nobody listened on the port within the wait.</summary>
    NobodyListening,

    /// <summary>The client has too many waiting connects.</summary>
    TooManyWaiting,

    /// <summary>The server rejected it.</summary>
    Rejected,

    /// <summary>The server took it and did not accept in time.</summary>
    NotAccepted,

    /// <summary>One of the four streams was not attached in time.</summary>
    NotAttached,

    /// <summary>The client's connection broke.</summary>
    ClientBroke,

    /// <summary>The server's connection broke.</summary>
    ServerBroke,

    /// <summary>The client's stream broke the rules of its framing.</summary>
    ClientInvalid,

    /// <summary>The server's stream broke the rules of its framing.</summary>
    ServerInvalid,

    /// <summary>Nothing moved for too long.</summary>
    Idle,

    /// <summary>The relay is stopping.</summary>
    Stopping,

    /// <summary>An operator closed it.</summary>
    Closed,

    /// <summary>The key of its client or of its server was taken away.</summary>
    KeyGone,
}
