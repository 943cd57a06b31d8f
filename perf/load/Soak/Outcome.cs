namespace Ptth.Load.Soak;

/// <summary>How one end of a tunnel saw it end.</summary>
internal enum Outcome
{
    /// <summary>Everything sent, everything received, both halves ended.</summary>
    Clean,

    /// <summary>The connection broke.</summary>
    Broken,

    /// <summary>This end reset the connection, as planned.</summary>
    OwnReset,

    /// <summary>The connection was not taken.</summary>
    Refused,

    /// <summary>The server has never seen the tunnel.</summary>
    Unseen,

    /// <summary>A clean end came before all bytes had: what is never to happen.</summary>
    EndedShort,

    /// <summary>More bytes came than were sent.</summary>
    TooLong,

    /// <summary>Bytes were changed, lost or doubled.</summary>
    Corrupt,

    /// <summary>Bytes of another tunnel came.</summary>
    CrossTalk,

    /// <summary>It went on beyond its time.</summary>
    Stuck,
}
