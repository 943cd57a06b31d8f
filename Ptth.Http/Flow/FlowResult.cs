using Ptth.Http.Core;

namespace Ptth.Http.Flow;

/// <summary>Who ended a flow, and how.</summary>
public enum FlowEnd
{
    /// <summary>The source ended cleanly and the destination has been given all of it and its own clean end.</summary>
    Clean,

    /// <summary>The source broke off: reset, aborted, or ended before its body's end.</summary>
    SourceFailed,

    /// <summary>The source broke the rules of its framing.</summary>
    SourceInvalid,

    /// <summary>The destination could not be sent to.</summary>
    DestinationFailed,
}

/// <summary>What became of a flow.</summary>
/// <param name="End">Who ended it.</param>
/// <param name="Bytes">How many bytes of payload were handed on.</param>
/// <param name="Violation">What the source did, where the end is <see cref="FlowEnd.SourceInvalid"/>.</param>
public readonly record struct FlowResult(FlowEnd End, long Bytes, HttpViolation Violation = HttpViolation.None)
{
    /// <summary>Whether all of the stream arrived.</summary>
    public bool IsClean => End == FlowEnd.Clean;
}
