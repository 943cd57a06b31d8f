namespace Ptth.Http.Core;

/// <summary>Whether a message's sender is ready to go on after it (RFC 9112 section 9.3).</summary>
internal static class Persistence
{
    /// <summary>By the connection options and the version; "close" wins over "keep-alive".</summary>
    public static bool IsKept(FieldList fields, ProtocolVersion version)
    {
        int connection = fields.Find("Connection"u8, 0);
        if (connection < 0)
            return version == ProtocolVersion.Http11;
        if (fields.HasToken("Connection"u8, "close"u8))
            return false;
        return version == ProtocolVersion.Http11 || fields.HasToken("Connection"u8, "keep-alive"u8);
    }
}
