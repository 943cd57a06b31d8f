namespace Ptth.Common.Protocol;

/// <summary>The <c>type</c> values of problems (RFC 9457 section 3.1.1).</summary>
public static class ProblemTypes
{
    /// <summary>The status says it all.</summary>
    public const string Blank = "about:blank";

    /// <summary>The relay is draining: it takes no new tunnels, and another one, or itself started again, soon will.</summary>
    public const string Draining = "urn:ptth:draining";

    /// <summary>The server's target refused the connection.</summary>
    public const string TargetRefused = "urn:ptth:target-refused";

    /// <summary>The server's target did not answer in time.</summary>
    public const string TargetTimeout = "urn:ptth:target-timeout";

    /// <summary>The server found no way to its target.</summary>
    public const string TargetUnreachable = "urn:ptth:target-unreachable";

    /// <summary>The server has no target of that port name.</summary>
    public const string UnknownPort = "urn:ptth:unknown-port";
}
