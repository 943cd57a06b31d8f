namespace Ptth.Http.Core;

/// <summary>The HTTP versions that this stack speaks (RFC 9112 section 2.3).</summary>
public enum ProtocolVersion
{
    /// <summary>HTTP/1.0: no chunked coding, the connection ends with the message unless both say keep-alive.</summary>
    Http10,

    /// <summary>HTTP/1.1.</summary>
    Http11,
}
