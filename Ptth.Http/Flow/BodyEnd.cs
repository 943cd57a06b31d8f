namespace Ptth.Http.Flow;

/// <summary>How the reading of a small body ended.</summary>
internal enum BodyEnd
{
    /// <summary>As its framing says.</summary>
    Clean,

    /// <summary>It is longer than its reader takes.</summary>
    TooLong,

    /// <summary>Its framing is broken, and the source says why, or it was broken off.</summary>
    Broken,
}
