namespace Ptth.Tests.Support;

/// <summary>What happens to a segment on its way.</summary>
internal enum SegmentFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Its connection is cut somewhere within it.</summary>
    Cut,

    /// <summary>All of it goes through, and its connection is cut in place of the answer.</summary>
    AnswerLost,
}
