using System.Runtime.CompilerServices;
using System.Text;

namespace Ptth.Http.Core;

/// <summary>A request's head, checked and kept.</summary>
public sealed class RequestHead
{
    private readonly Range _path;

    private RequestHead(string method, string target, Range path, ProtocolVersion version, FieldList fields,
        BodyFraming framing, bool expectsContinue)
    {
        Method = method;
        Target = target;
        _path = path;
        Version = version;
        Fields = fields;
        Framing = framing;
        KeepAlive = Persistence.IsKept(fields, version);
        ExpectsContinue = expectsContinue;
    }

    /// <summary>The method, case as sent (methods are case-sensitive, RFC 9110 section 9.1). Known ones are interned strings.</summary>
    public string Method { get; }

    /// <summary>The request target as sent: origin form, absolute form, or <c>*</c>.</summary>
    public string Target { get; }

    /// <summary>
    /// The target's path as sent, without authority and query, percent-encoding kept: <c>/</c> for a URI without a path, empty for
    /// <c>*</c>.
    /// </summary>
    public ReadOnlySpan<char> Path
    {
        get
        {
            ReadOnlySpan<char> path = Target.AsSpan(_path);
            return path.IsEmpty && Target != "*" ? "/" : path;
        }
    }

    /// <summary>The version the sender speaks.</summary>
    public ProtocolVersion Version { get; }

    /// <summary>The field lines.</summary>
    public FieldList Fields { get; }

    /// <summary>How the body's end is told.</summary>
    public BodyFraming Framing { get; }

    /// <summary>Whether the sender is ready to go on with another request (RFC 9112 section 9.3).</summary>
    public bool KeepAlive { get; }

    /// <summary>Whether the sender waits for 100 before its body (RFC 9110 section 10.1.1). Never for HTTP/1.0 or without a body.</summary>
    public bool ExpectsContinue { get; }

    /// <summary>
    /// Reads and checks a head at the start of <paramref name="input"/>: grammar, Host (RFC 9112 section 3.2), framing (section 6).
    /// </summary>
    /// <param name="input">All bytes of the message so far; the same start with more behind it at each call.</param>
    /// <param name="limits">The bounds.</param>
    /// <param name="scan">How far earlier calls came; <c>default</c> for a new head.</param>
    /// <param name="head">The head where the status is <see cref="ParseStatus.Done"/>.</param>
    /// <param name="consumed">The head's length in bytes, with empty lines before it, where done.</param>
    /// <param name="violation">What was wrong where the status is <see cref="ParseStatus.Invalid"/>.</param>
    [SkipLocalsInit]
    public static ParseStatus TryRead(ReadOnlySpan<byte> input, HttpLimits limits, ref HeadScan scan,
        out RequestHead? head, out int consumed, out HttpViolation violation)
    {
        head = null;
        var parts = new HeadCollector(input, stackalloc FieldLine[limits.MaxFields]);
        ParseStatus status = HeadParser.ParseRequest(input, limits, ref scan, ref parts, out consumed, out violation);
        if (status != ParseStatus.Done)
            return status;

        violation = Check(parts, out head);
        if (violation == HttpViolation.None)
            return ParseStatus.Done;

        consumed = 0;
        return ParseStatus.Invalid;
    }

    /// <summary>What the grammar alone cannot say. The order of the checks decides which of several violations is named.</summary>
    private static HttpViolation Check(in HeadCollector parts, out RequestHead? head)
    {
        head = null;
        HttpViolation violation = TargetForm.Check(parts.Method, parts.Target, out Range path, out Range authority);
        if (violation != HttpViolation.None)
            return violation;

        FieldList fields = parts.ToFieldList();
        violation = CheckHost(fields, parts.Version, parts.Target, authority);
        if (violation != HttpViolation.None)
            return violation;

        violation = BodyFramingRules.OfRequest(fields, parts.Version, out BodyFraming framing);
        if (violation != HttpViolation.None)
            return violation;

        violation = CheckExpectation(fields, out bool expectsContinue);
        if (violation != HttpViolation.None)
            return violation;

        expectsContinue &= parts.Version == ProtocolVersion.Http11 && framing.HasBody;
        head = new RequestHead(KnownMethods.ToText(parts.Method), Encoding.ASCII.GetString(parts.Target), path, parts.Version,
            fields, framing, expectsContinue);
        return HttpViolation.None;
    }

    /// <summary>
    /// RFC 9112 section 3.2: exactly one Host in HTTP/1.1, never two. An empty one says that the URI has no authority, and
    /// every http URI has one (RFC 9110 section 4.2.1). Where the target is a URI, section 3.2.2 lets it win over the field; some readers let the field win, so the two
    /// have to name the same.
    /// </summary>
    private static HttpViolation CheckHost(FieldList fields, ProtocolVersion version, ReadOnlySpan<byte> target, Range authority)
    {
        int host = fields.Find("Host"u8, 0);
        if (host < 0)
            return version == ProtocolVersion.Http11 ? HttpViolation.MissingHost : HttpViolation.None;
        if (fields.Find("Host"u8, host + 1) >= 0)
            return HttpViolation.MultipleHosts;

        ReadOnlySpan<byte> value = fields.ValueAt(host);
        if (!HostSyntax.IsHostAndPort(value))
            return HttpViolation.InvalidHost;
        bool isUri = authority.End.Value > 0;
        return isUri && !TargetForm.IsSameHost(value, target, authority) ? HttpViolation.HostDiffersFromTarget : HttpViolation.None;
    }

    /// <summary>Expect = #expectation (RFC 9110 section 10.1.1); any but 100-continue cannot be met.</summary>
    private static HttpViolation CheckExpectation(FieldList fields, out bool expectsContinue)
    {
        expectsContinue = false;
        for (int line = fields.Find("Expect"u8, 0); line >= 0; line = fields.Find("Expect"u8, line + 1))
        {
            ReadOnlySpan<byte> value = fields.ValueAt(line);
            foreach (Range range in value.Split((byte)','))
            {
                ReadOnlySpan<byte> member = HttpBytes.TrimWhiteSpace(value[range]);
                if (member.IsEmpty)
                    continue;
                if (!Ascii.EqualsIgnoreCase(member, "100-continue"u8))
                    return HttpViolation.UnsupportedExpectation;
                expectsContinue = true;
            }
        }

        return HttpViolation.None;
    }
}
