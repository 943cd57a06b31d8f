namespace Ptth.Http.Core;

/// <summary>What each violation means to the peer: status and words, in one place.</summary>
public static class HttpViolations
{
    /// <summary>The status that answers the violation: 400, 414, 417, 431, 501 or 505.</summary>
    public static int StatusOf(HttpViolation violation) => Describe(violation).Status;

    /// <summary>One English sentence that says what was wrong and what would be right.</summary>
    public static string DescriptionOf(HttpViolation violation) => Describe(violation).Description;

    private static (int Status, string Description) Describe(HttpViolation violation) => violation switch
    {
        HttpViolation.BareLineFeed => (400, "A line ends with a bare LF; lines end with CRLF."),
        HttpViolation.BareCarriageReturn => (400, "A CR has no LF behind it; lines end with CRLF."),
        HttpViolation.TlsHandshake => (400, "The first byte begins a TLS handshake; this port speaks plain HTTP: the URL begins with http://."),
        HttpViolation.NotTls => (400, "The first byte does not begin a TLS handshake; this port speaks HTTPS: the URL begins with https://."),
        HttpViolation.TooManyEmptyLines => (400, "Too many empty lines come before the request line."),
        HttpViolation.StartLineTooLong => (414, "The start line is longer than this server takes."),
        HttpViolation.HeadTooLarge => (431, "The head is larger than this server takes."),
        HttpViolation.TooManyFields => (431, "The head has more field lines than this server takes."),
        HttpViolation.InvalidMethod => (400, "The method is not a token."),
        HttpViolation.MethodTooLong => (501, "The method is longer than any that this server knows."),
        HttpViolation.InvalidRequestLine
            => (400, "The request line is not a method, one space, a target, one space and a version."),
        HttpViolation.InvalidTarget
            => (400, "The request target has a byte that must be percent-encoded, or a percent sign without two hex digits."),
        HttpViolation.FragmentInTarget => (400, "The request target has a fragment; a fragment is not sent."),
        HttpViolation.InvalidTargetForm
            => (400, "The request target is neither a path, nor an http or https URI, nor * with OPTIONS."),
        HttpViolation.ConnectNotSupported => (501, "CONNECT is not served here."),
        HttpViolation.InvalidVersion => (400, "The version is malformed; HTTP/1.1 or HTTP/1.0 is expected."),
        HttpViolation.UnsupportedVersion => (505, "The version is not supported; HTTP/1.1 or HTTP/1.0 is."),
        HttpViolation.InvalidStatusLine
            => (400, "The status line is not a version, one space, a status, one space and an optional reason."),
        HttpViolation.InvalidStatusCode => (400, "The status is not three digits from 100 to 599."),
        HttpViolation.UnexpectedUpgrade => (400, "The status is 101, but no upgrade was asked for."),
        HttpViolation.LeadingWhiteSpace => (400, "White space comes before the start line or before the first field."),
        HttpViolation.ObsoleteLineFolding => (400, "A field line is folded; a field stands in one line."),
        HttpViolation.EmptyFieldName => (400, "A field line begins with a colon; a name comes before it."),
        HttpViolation.WhiteSpaceInFieldName => (400, "A field name has white space in it or before its colon."),
        HttpViolation.InvalidFieldName => (400, "A field name is not a token."),
        HttpViolation.MissingColon => (400, "A field line has no colon."),
        HttpViolation.InvalidFieldValue => (400, "A field value has a control byte."),
        HttpViolation.MissingHost => (400, "The request has no Host; HTTP/1.1 requires one."),
        HttpViolation.MultipleHosts => (400, "The request has more than one Host."),
        HttpViolation.InvalidHost => (400, "Host is not a host name or address with an optional port."),
        HttpViolation.HostDiffersFromTarget => (400, "Host is not the host and port of the URI in the request target."),
        HttpViolation.UnsupportedExpectation => (417, "The only expectation that is met here is 100-continue."),
        HttpViolation.LengthWithTransferEncoding
            => (400, "The message has both Content-Length and Transfer-Encoding; only one may frame it."),
        HttpViolation.FramingFieldWithUnderscore
            => (400, "Content_Length and Transfer_Encoding are spelled with a hyphen; some readers take both spellings."),
        HttpViolation.MultipleContentLengths => (400, "The message has more than one Content-Length."),
        HttpViolation.InvalidContentLength => (400, "Content-Length is not a decimal number below 2^63, or has a tab beside it."),
        HttpViolation.InvalidTransferEncoding
            => (400, "Transfer-Encoding is malformed, does not end in chunked, has chunked more than once, or has a tab beside it."),
        HttpViolation.UnsupportedTransferCoding => (501, "The only transfer coding that is understood here is chunked."),
        HttpViolation.TransferEncodingInHttp10 => (400, "HTTP/1.0 has no Transfer-Encoding."),
        HttpViolation.FramingWithoutBody => (400, "A response that has no body has Content-Length or Transfer-Encoding."),
        HttpViolation.InvalidChunkSize => (400, "A chunk size is not one to sixteen hex digits."),
        HttpViolation.ChunkSizeOverflow => (400, "A chunk size is not below 2^63."),
        HttpViolation.InvalidChunkExtension => (400, "A chunk extension is malformed."),
        HttpViolation.ChunkSizeLineTooLong => (400, "A chunk's size line is longer than this server takes."),
        HttpViolation.TooManyChunkExtensions => (400, "The body has more chunk extensions than this server takes."),
        HttpViolation.ExcessiveFraming => (400, "The body is mostly framing."),
        HttpViolation.InvalidChunkEnd => (400, "A chunk's data is longer than its size says, or has no CRLF behind it."),
        HttpViolation.TrailersTooLarge => (431, "The trailer section is larger than this server takes."),
        HttpViolation.TooManyTrailerFields => (431, "The trailer section has more field lines than this server takes."),
        HttpViolation.RecordTooLong => (400, "A record's length is not below 2^31."),
        HttpViolation.RecordCutOff => (400, "The body ends inside a record."),
        HttpViolation.EndNotMarked => (400, "The body ends without the mark of the stream's end."),
        HttpViolation.RecordBehindEnd => (400, "The body goes on behind the mark of the stream's end."),
        _ => throw new ArgumentOutOfRangeException(nameof(violation), violation, "No violation."),
    };
}
