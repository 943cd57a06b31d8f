namespace Ptth.Relay.Admission;

/// <summary>What became of the key that a request carried. To the peer all that are not accepted are the same.</summary>
internal enum KeyVerdict
{
    /// <summary>The request was refused, or answered, before its key was looked at.</summary>
    NotAsked,

    /// <summary>The key is known, in its time, and comes from where it may.</summary>
    Accepted,

    /// <summary>There is not exactly one key.</summary>
    Missing,

    /// <summary>Nobody has this key.</summary>
    Unknown,

    /// <summary>The key was somebody's, and its time is over.</summary>
    Expired,

    /// <summary>The key is somebody's, and may not come from this address.</summary>
    WrongAddress,
}

/// <summary>Whose key a request carried.</summary>
/// <param name="Verdict">What became of it.</param>
/// <param name="Principal">The party; null unless the key was accepted.</param>
/// <param name="Owner">Whose key it is, or was, for the log.</param>
internal readonly record struct Authentication(KeyVerdict Verdict, Principal? Principal, string Owner)
{
    /// <summary>No key that could be anybody's.</summary>
    public static Authentication Nobody(KeyVerdict verdict) => new(verdict, null, "none");
}
