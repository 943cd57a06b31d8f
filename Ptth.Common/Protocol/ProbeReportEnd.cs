namespace Ptth.Common.Protocol;

/// <summary>What has become of a body that a relay reports about.</summary>
public enum ProbeReportEnd
{
    /// <summary>It has not begun.</summary>
    None,

    /// <summary>It goes on.</summary>
    Open,

    /// <summary>It ended cleanly.</summary>
    Clean,

    /// <summary>Its connection broke off.</summary>
    Broken,

    /// <summary>Its framing was broken.</summary>
    Invalid,

    /// <summary>It is longer than the relay takes.</summary>
    Bound,

    /// <summary>The relay ended it, since it is shutting down.</summary>
    Draining,
}
