using System.Text;

namespace Ptth.Http.Core;

/// <summary>
/// The one place that decides how a message's body ends (RFC 9112 section 6). Stricter than an endpoint has to be: where two
/// readers might differ, the message is refused, because whatever stands before this one may have been the other reader.
/// </summary>
internal static class BodyFramingRules
{
    private static ReadOnlySpan<byte> ContentLength => "Content-Length"u8;

    private static ReadOnlySpan<byte> TransferEncoding => "Transfer-Encoding"u8;

    /// <summary>A request's framing: a request without either field has no body.</summary>
    public static HttpViolation OfRequest(FieldList fields, ProtocolVersion version, out BodyFraming framing)
        => Decide(fields, version, out framing);

    /// <summary>A response's framing.</summary>
    /// <param name="fields">Its field lines.</param>
    /// <param name="version">Its version.</param>
    /// <param name="status">Its status code.</param>
    /// <param name="requestMethod">What it answers: a response to HEAD has no body, nor has one that opens CONNECT's tunnel.</param>
    /// <param name="framing">The framing.</param>
    public static HttpViolation OfResponse(FieldList fields, ProtocolVersion version, int status, string requestMethod,
        out BodyFraming framing)
    {
        framing = BodyFraming.None;
        // What follows is the tunnel; the fields MUST be ignored (RFC 9110 section 9.3.6).
        if (requestMethod == "CONNECT" && status is >= 200 and < 300)
            return HttpViolation.None;

        HttpViolation violation = Decide(fields, version, out framing);
        if (violation != HttpViolation.None)
            return violation;

        // RFC 9112 section 6.1 and RFC 9110 section 8.6 forbid both fields here. A reader that believed them would wait for a body. Only
        // a 204 of length 0 is let pass: some intermediaries write it, and no reader finds another end in it.
        if (status is < 200 or 204)
        {
            bool endsWithHead = framing.Kind == BodyKind.None || (status == 204 && framing == new BodyFraming(BodyKind.Length, 0));
            framing = BodyFraming.None;
            return endsWithHead ? HttpViolation.None : HttpViolation.FramingWithoutBody;
        }

        if (status == 304 || requestMethod == "HEAD")
            framing = BodyFraming.None;
        else if (framing.Kind == BodyKind.None)
            framing = new BodyFraming(BodyKind.UntilClose, 0);
        return HttpViolation.None;
    }

    /// <summary>What the two fields say, for any message; <see cref="BodyKind.None"/> where neither is there.</summary>
    private static HttpViolation Decide(FieldList fields, ProtocolVersion version, out BodyFraming framing)
    {
        framing = BodyFraming.None;
        int length = fields.Find(ContentLength, 0);
        int coding = fields.Find(TransferEncoding, 0);
        // Another name by RFC 9110 section 5.1; what makes variables of names (RFC 3875 section 4.1.18) takes it for the same.
        if (fields.Find("Content_Length"u8, 0) >= 0 || fields.Find("Transfer_Encoding"u8, 0) >= 0)
            return HttpViolation.FramingFieldWithUnderscore;
        if (coding >= 0)
        {
            // Section 6.1: the server MAY reject both together, and a sender of HTTP/1.0 that has a coding is faulty.
            if (length >= 0)
                return HttpViolation.LengthWithTransferEncoding;
            if (version == ProtocolVersion.Http10)
                return HttpViolation.TransferEncodingInHttp10;

            framing = new BodyFraming(BodyKind.Chunked, 0);
            // Section 5.1 allows tabs around a value; some readers take off blanks alone, and find another coding there.
            if (fields.HasTabAt(coding))
                return HttpViolation.InvalidTransferEncoding;
            bool exactlyChunked = fields.Find(TransferEncoding, coding + 1) < 0 && IsChunked(fields.ValueAt(coding));
            return exactlyChunked ? HttpViolation.None : JudgeCodings(fields);
        }

        if (length >= 0)
        {
            // Section 6.3 lets a reader take equal values as one. No sender needs that.
            ReadOnlySpan<byte> value = fields.ValueAt(length);
            if (fields.Find(ContentLength, length + 1) >= 0 || value.Contains((byte)','))
                return HttpViolation.MultipleContentLengths;
            if (fields.HasTabAt(length) || !TryParseLength(value, out long bytes))
                return HttpViolation.InvalidContentLength;
            framing = new BodyFraming(BodyKind.Length, bytes);
        }

        return HttpViolation.None;
    }

    /// <summary>
    /// What is wrong with codings that are not the one word chunked. Where chunked is the last one and stands there once, the
    /// message has an end, and its codings are merely unknown: 501 (section 6.1). Otherwise its end cannot be told: 400 (section 6.3).
    /// </summary>
    private static HttpViolation JudgeCodings(FieldList fields)
    {
        bool chunkedSeen = false;
        for (int line = fields.Find(TransferEncoding, 0); line >= 0; line = fields.Find(TransferEncoding, line + 1))
        {
            ReadOnlySpan<byte> value = fields.ValueAt(line);
            foreach (Range member in value.Split((byte)','))
            {
                ReadOnlySpan<byte> coding = HttpBytes.TrimWhiteSpace(value[member]);
                int parameters = coding.IndexOf((byte)';');
                ReadOnlySpan<byte> name = parameters < 0 ? coding : HttpBytes.TrimWhiteSpace(coding[..parameters]);
                if (chunkedSeen || !HttpBytes.IsToken(name))
                    return HttpViolation.InvalidTransferEncoding;
                chunkedSeen = IsChunked(name);
                if (chunkedSeen && parameters >= 0)
                    return HttpViolation.InvalidTransferEncoding;
            }
        }

        return chunkedSeen ? HttpViolation.UnsupportedTransferCoding : HttpViolation.InvalidTransferEncoding;
    }

    private static bool IsChunked(ReadOnlySpan<byte> coding) => Ascii.EqualsIgnoreCase(coding, "chunked"u8);

    /// <summary>Content-Length = 1*DIGIT (RFC 9110 section 8.6), by hand: the framework's parsers take signs, blanks and NULs.</summary>
    private static bool TryParseLength(ReadOnlySpan<byte> digits, out long length)
    {
        length = 0;
        foreach (byte digit in digits)
        {
            int value = digit - '0';
            if (!HttpBytes.IsDigit(digit) || length > (long.MaxValue - value) / 10)
                return false;
            length = length * 10 + value;
        }

        return !digits.IsEmpty;
    }
}
