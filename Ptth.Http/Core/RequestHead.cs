namespace Ptth.Http.Core;

/// <summary>A request's head, checked and kept.</summary>
public sealed class RequestHead
{
    /// <summary>The method, case as sent (methods are case-sensitive, RFC 9110 section 9.1). Known ones are interned strings.</summary>
    public string Method => throw new NotImplementedException();

    /// <summary>The request target as sent: origin form, absolute form, or <c>*</c>.</summary>
    public string Target => throw new NotImplementedException();

    /// <summary>The version the sender speaks.</summary>
    public ProtocolVersion Version => throw new NotImplementedException();

    /// <summary>The field lines.</summary>
    public FieldList Fields => throw new NotImplementedException();

    /// <summary>How the body's end is told.</summary>
    public BodyFraming Framing => throw new NotImplementedException();

    /// <summary>Whether the sender is ready to go on with another request (RFC 9112 section 9.3).</summary>
    public bool KeepAlive => throw new NotImplementedException();

    /// <summary>Whether the sender waits for 100 before its body (RFC 9110 section 10.1.1). Never for HTTP/1.0 or without a body.</summary>
    public bool ExpectsContinue => throw new NotImplementedException();

    /// <summary>
    /// Reads and checks a head at the start of <paramref name="input"/>: grammar, Host (RFC 9112 section 3.2), framing (section 6).
    /// </summary>
    /// <param name="input">All bytes of the message so far; the same start with more behind it at each call.</param>
    /// <param name="limits">The bounds.</param>
    /// <param name="scan">How far earlier calls came; <c>default</c> for a new head.</param>
    /// <param name="head">The head where the status is <see cref="ParseStatus.Done"/>.</param>
    /// <param name="consumed">The head's length in bytes, with empty lines before it, where done.</param>
    /// <param name="violation">What was wrong where the status is <see cref="ParseStatus.Invalid"/>.</param>
    public static ParseStatus TryRead(ReadOnlySpan<byte> input, HttpLimits limits, ref HeadScan scan,
        out RequestHead? head, out int consumed, out HttpViolation violation) => throw new NotImplementedException();
}
