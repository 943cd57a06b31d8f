namespace Ptth.Http;

/// <summary>The field names that the stack itself reads or writes, as they go over the wire.</summary>
public static class FieldNames
{
    /// <summary>RFC 9110 section 7.2.</summary>
    public static ReadOnlySpan<byte> Host => "Host"u8;

    /// <summary>RFC 9110 section 8.6.</summary>
    public static ReadOnlySpan<byte> ContentLength => "Content-Length"u8;

    /// <summary>RFC 9112 section 6.1.</summary>
    public static ReadOnlySpan<byte> TransferEncoding => "Transfer-Encoding"u8;

    /// <summary>RFC 9110 section 7.6.1.</summary>
    public static ReadOnlySpan<byte> Connection => "Connection"u8;

    /// <summary>RFC 9110 section 11.7.2.</summary>
    public static ReadOnlySpan<byte> ProxyAuthorization => "Proxy-Authorization"u8;

    /// <summary>RFC 9110 section 8.3.</summary>
    public static ReadOnlySpan<byte> ContentType => "Content-Type"u8;
}
