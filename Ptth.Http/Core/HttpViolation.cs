namespace Ptth.Http.Core;

/// <summary>Each way in which a peer's bytes can break the rules.</summary>
public enum HttpViolation
{
    /// <summary>None.</summary>
    None,
}
