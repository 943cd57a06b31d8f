namespace Ptth.Proxy.Relaying;

/// <summary>What became of a segment.</summary>
internal enum SegmentOutcome
{
    /// <summary>The relay has handed it on, and says where the next one begins.</summary>
    Taken,

    /// <summary>The relay is there, and begins elsewhere, or cannot say yet where.</summary>
    Elsewhere,

    /// <summary>Something broke or timed out on the way; how much of it was handed on is not known.</summary>
    Lost,

    /// <summary>Something on the way takes none so long.</summary>
    TooLong,

    /// <summary>It makes no sense to send it again.</summary>
    Refused,
}

/// <summary>The answer to a segment.</summary>
/// <param name="Kind">What became of it.</param>
/// <param name="Next">Where the next one begins, where it was taken.</param>
/// <param name="Text">Why not, where it was not.</param>
internal readonly record struct SegmentAnswer(SegmentOutcome Kind, long Next, string Text);
