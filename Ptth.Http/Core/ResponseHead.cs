using System.Runtime.CompilerServices;

namespace Ptth.Http.Core;

/// <summary>A response's head, checked and kept.</summary>
public sealed class ResponseHead
{
    private ResponseHead(ProtocolVersion version, int status, FieldList fields, BodyFraming framing)
    {
        Version = version;
        Status = status;
        Fields = fields;
        Framing = framing;
        // No request of this stack has a condition that 304 could answer, and some servers send a body behind it: it would be taken for the
        // next response.
        KeepAlive = framing.Kind != BodyKind.UntilClose && status != 304 && Persistence.IsKept(fields, version);
    }

    /// <summary>The version the sender speaks.</summary>
    public ProtocolVersion Version { get; }

    /// <summary>The status code, 100 to 599.</summary>
    public int Status { get; }

    /// <summary>Whether it is an interim response (1xx), which another head follows.</summary>
    public bool IsInterim => Status < 200;

    /// <summary>The field lines.</summary>
    public FieldList Fields { get; }

    /// <summary>How the body's end is told.</summary>
    public BodyFraming Framing { get; }

    /// <summary>Whether the connection may serve another exchange (RFC 9112 section 9.3); never with a body that ends by closing, nor after 304.</summary>
    public bool KeepAlive { get; }

    /// <summary>Reads and checks a head. 101 is a violation, as this stack never asks to upgrade.</summary>
    /// <param name="input">All bytes of the message so far.</param>
    /// <param name="limits">The bounds.</param>
    /// <param name="requestMethod">The method of the request that this answers: HEAD has no body.</param>
    /// <param name="scan">How far earlier calls came.</param>
    /// <param name="head">The head where done.</param>
    /// <param name="consumed">Its length in bytes where done.</param>
    /// <param name="violation">What was wrong where invalid.</param>
    [SkipLocalsInit]
    public static ParseStatus TryRead(ReadOnlySpan<byte> input, HttpLimits limits, string requestMethod, ref HeadScan scan,
        out ResponseHead? head, out int consumed, out HttpViolation violation)
    {
        head = null;
        var parts = new HeadCollector(input, stackalloc FieldLine[limits.MaxFields]);
        ParseStatus status = HeadParser.ParseResponse(input, limits, ref scan, ref parts, out consumed, out violation);
        if (status != ParseStatus.Done)
            return status;

        violation = Check(parts, requestMethod, out head);
        if (violation == HttpViolation.None)
            return ParseStatus.Done;

        consumed = 0;
        return ParseStatus.Invalid;
    }

    /// <summary>What the grammar alone cannot say.</summary>
    private static HttpViolation Check(in HeadCollector parts, string requestMethod, out ResponseHead? head)
    {
        head = null;
        if (parts.Status == 101)
            return HttpViolation.UnexpectedUpgrade;

        FieldList fields = parts.ToFieldList();
        HttpViolation violation
            = BodyFramingRules.OfResponse(fields, parts.Version, parts.Status, requestMethod, out BodyFraming framing);
        if (violation == HttpViolation.None)
            head = new ResponseHead(parts.Version, parts.Status, fields, framing);
        return violation;
    }
}
