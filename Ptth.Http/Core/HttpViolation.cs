namespace Ptth.Http.Core;

/// <summary>
/// Each way in which a peer's bytes can break the rules. Status and words for each are in <see cref="HttpViolations"/>.
/// </summary>
public enum HttpViolation
{
    /// <summary>None.</summary>
    None,

    /// <summary>An LF without a CR before it.</summary>
    BareLineFeed,

    /// <summary>A CR without an LF behind it.</summary>
    BareCarriageReturn,

    /// <summary>The first byte is that of a TLS handshake.</summary>
    TlsHandshake,

    /// <summary>The first byte is not that of a TLS handshake, though TLS is spoken here.</summary>
    NotTls,

    /// <summary>Too many empty lines before a request.</summary>
    TooManyEmptyLines,

    /// <summary>The start line is longer than the bound.</summary>
    StartLineTooLong,

    /// <summary>The head is larger than the bound.</summary>
    HeadTooLarge,

    /// <summary>The head has more field lines than the bound.</summary>
    TooManyFields,

    /// <summary>The method is not a token.</summary>
    InvalidMethod,

    /// <summary>The method is longer than any that is known.</summary>
    MethodTooLong,

    /// <summary>The request line is not method, space, target, space, version.</summary>
    InvalidRequestLine,

    /// <summary>The target has a byte that no URI has, or a broken percent-encoding.</summary>
    InvalidTarget,

    /// <summary>The target has a fragment.</summary>
    FragmentInTarget,

    /// <summary>The target's form does not go with the method, or is none of HTTP's.</summary>
    InvalidTargetForm,

    /// <summary>CONNECT, which this stack does not serve.</summary>
    ConnectNotSupported,

    /// <summary>The version is not written as one.</summary>
    InvalidVersion,

    /// <summary>A version other than 1.0 and 1.1.</summary>
    UnsupportedVersion,

    /// <summary>The status line is not version, space, status, space, reason.</summary>
    InvalidStatusLine,

    /// <summary>The status is not three digits from 100 to 599.</summary>
    InvalidStatusCode,

    /// <summary>101 without having been asked for.</summary>
    UnexpectedUpgrade,

    /// <summary>White space between the start line and the first field, or before the start line.</summary>
    LeadingWhiteSpace,

    /// <summary>A field line that goes on in the next line.</summary>
    ObsoleteLineFolding,

    /// <summary>A field line begins with its colon.</summary>
    EmptyFieldName,

    /// <summary>White space in a field's name or before the colon.</summary>
    WhiteSpaceInFieldName,

    /// <summary>A field's name is not a token.</summary>
    InvalidFieldName,

    /// <summary>A field line has no colon.</summary>
    MissingColon,

    /// <summary>A field's value has a control byte.</summary>
    InvalidFieldValue,

    /// <summary>A request in HTTP/1.1 has no Host.</summary>
    MissingHost,

    /// <summary>More than one Host.</summary>
    MultipleHosts,

    /// <summary>Host is not a host with an optional port.</summary>
    InvalidHost,

    /// <summary>Host is not the authority of the URI in the target.</summary>
    HostDiffersFromTarget,

    /// <summary>An expectation other than 100-continue.</summary>
    UnsupportedExpectation,

    /// <summary>Both Content-Length and Transfer-Encoding.</summary>
    LengthWithTransferEncoding,

    /// <summary>A field that some readers take for Content-Length or Transfer-Encoding: an underscore stands for the hyphen.</summary>
    FramingFieldWithUnderscore,

    /// <summary>More than one Content-Length, in lines or as a list.</summary>
    MultipleContentLengths,

    /// <summary>Content-Length is not a decimal number that can be counted.</summary>
    InvalidContentLength,

    /// <summary>Transfer-Encoding is malformed, does not end in chunked, or has chunked twice.</summary>
    InvalidTransferEncoding,

    /// <summary>A transfer coding that this stack does not know, with chunked after it.</summary>
    UnsupportedTransferCoding,

    /// <summary>Transfer-Encoding in HTTP/1.0, which has none.</summary>
    TransferEncodingInHttp10,

    /// <summary>Body framing in a response that cannot have a body (1xx, 204).</summary>
    FramingWithoutBody,

    /// <summary>A chunk's size is not hex digits, or has too many.</summary>
    InvalidChunkSize,

    /// <summary>A chunk's size cannot be counted.</summary>
    ChunkSizeOverflow,

    /// <summary>A chunk extension is malformed.</summary>
    InvalidChunkExtension,

    /// <summary>A chunk's size line is longer than the bound.</summary>
    ChunkSizeLineTooLong,

    /// <summary>A body has more chunk extensions than the bound.</summary>
    TooManyChunkExtensions,

    /// <summary>A body is mostly framing.</summary>
    ExcessiveFraming,

    /// <summary>A chunk's data is not followed by CRLF.</summary>
    InvalidChunkEnd,

    /// <summary>The trailer section is larger than the bound.</summary>
    TrailersTooLarge,

    /// <summary>The trailer section has more fields than the bound.</summary>
    TooManyTrailerFields,

    /// <summary>A record's length is over 2^31 - 1.</summary>
    RecordTooLong,

    /// <summary>A body ends inside a record.</summary>
    RecordCutOff,

    /// <summary>A body of records ends without the mark of the stream's end.</summary>
    EndNotMarked,

    /// <summary>A body of records goes on behind the mark of the stream's end.</summary>
    RecordBehindEnd,
}
