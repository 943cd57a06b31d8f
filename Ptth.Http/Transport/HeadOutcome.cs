namespace Ptth.Http.Transport;

/// <summary>How the wait for a head ended.</summary>
internal enum HeadOutcome
{
    /// <summary>A head was read.</summary>
    Read,

    /// <summary>The bytes are not a head; the sink knows why.</summary>
    Invalid,

    /// <summary>The peer closed before the first byte of a head: the clean way to end a connection.</summary>
    Closed,

    /// <summary>The connection broke, or ended within a head.</summary>
    Broken,
}
