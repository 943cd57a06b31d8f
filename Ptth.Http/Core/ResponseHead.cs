namespace Ptth.Http.Core;

/// <summary>A response's head, checked and kept.</summary>
public sealed class ResponseHead
{
    /// <summary>The version the sender speaks.</summary>
    public ProtocolVersion Version => throw new NotImplementedException();

    /// <summary>The status code, 100 to 999.</summary>
    public int Status => throw new NotImplementedException();

    /// <summary>Whether it is an interim response (1xx), which another head follows.</summary>
    public bool IsInterim => throw new NotImplementedException();

    /// <summary>The field lines.</summary>
    public FieldList Fields => throw new NotImplementedException();

    /// <summary>How the body's end is told.</summary>
    public BodyFraming Framing => throw new NotImplementedException();

    /// <summary>Whether the connection may serve another exchange (RFC 9112 section 9.3); never with a body that ends by closing.</summary>
    public bool KeepAlive => throw new NotImplementedException();

    /// <summary>Reads and checks a head. 101 is a violation, as this stack never asks to upgrade.</summary>
    /// <param name="input">All bytes of the message so far.</param>
    /// <param name="limits">The bounds.</param>
    /// <param name="requestMethod">The method of the request that this answers: HEAD has no body.</param>
    /// <param name="scan">How far earlier calls came.</param>
    /// <param name="head">The head where done.</param>
    /// <param name="consumed">Its length in bytes where done.</param>
    /// <param name="violation">What was wrong where invalid.</param>
    public static ParseStatus TryRead(ReadOnlySpan<byte> input, HttpLimits limits, string requestMethod, ref HeadScan scan,
        out ResponseHead? head, out int consumed, out HttpViolation violation) => throw new NotImplementedException();
}
