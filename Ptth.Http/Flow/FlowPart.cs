namespace Ptth.Http.Flow;

/// <summary>What of its sink's stream the source of a flow is: several flows, one after the other, may make one stream.</summary>
public enum FlowPart
{
    /// <summary>All of it.</summary>
    Whole,

    /// <summary>A part, behind whose clean end others follow. The sink goes on, and so does the pace, which belongs to all of them.</summary>
    Middle,

    /// <summary>The part whose clean end is the sink's.</summary>
    Last,
}
