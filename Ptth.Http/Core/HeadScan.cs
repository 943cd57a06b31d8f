namespace Ptth.Http.Core;

/// <summary>
/// How far an unfinished head has been looked through, so that a head which comes byte by byte is not scanned from its start
/// each time. Start a new head with <c>default</c>; the parser sets it back itself once the head is done or invalid.
/// </summary>
public struct HeadScan
{
    /// <summary>Where the start line begins, behind skipped empty lines.</summary>
    internal int HeadStart;

    /// <summary>Where the unfinished line begins.</summary>
    internal int LineStart;

    /// <summary>Up to where the unfinished line's bytes are known to be good; 0 where nothing is known.</summary>
    internal int Checked;

    /// <summary>Where the unfinished field line's colon is, or 0.</summary>
    internal int Colon;

    /// <summary>How many field lines are finished.</summary>
    internal int Fields;

    /// <summary>How many empty lines were skipped.</summary>
    internal int EmptyLines;

    /// <summary>Whether the start line is finished.</summary>
    internal bool InFields;

    /// <summary>Whether an earlier call asked for more.</summary>
    internal bool Resumed;
}
