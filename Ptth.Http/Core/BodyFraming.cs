namespace Ptth.Http.Core;

/// <summary>How a body's end is told (RFC 9112 section 6.3).</summary>
public enum BodyKind
{
    /// <summary>There is no body.</summary>
    None,

    /// <summary>The body has a Content-Length.</summary>
    Length,

    /// <summary>The body is chunked.</summary>
    Chunked,

    /// <summary>The body ends with the connection; only a response may.</summary>
    UntilClose,
}

/// <summary>The framing of one message's body.</summary>
/// <param name="Kind">How its end is told.</param>
/// <param name="Length">Its length in bytes where <paramref name="Kind"/> is <see cref="BodyKind.Length"/>, otherwise 0.</param>
public readonly record struct BodyFraming(BodyKind Kind, long Length)
{
    /// <summary>No body.</summary>
    public static BodyFraming None => default;

    /// <summary>Whether a body follows the head. A message whose Content-Length is 0 is complete with its head.</summary>
    public bool HasBody => Kind is BodyKind.Chunked or BodyKind.UntilClose || (Kind == BodyKind.Length && Length > 0);
}
