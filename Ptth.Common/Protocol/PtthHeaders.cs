namespace Ptth.Common.Protocol;

/// <summary>The protocol's own header field names, and the values that it gives to standard ones.</summary>
public static class PtthHeaders
{
    /// <summary>The connection ID, in the answers to listen and connect.</summary>
    public const string Connection = "Ptth-Connection";

    /// <summary>The name of the client that wants the port, in the answer to listen.</summary>
    public const string Client = "Ptth-Client";

    /// <summary>The scheme of the Authorization field's value, before the key (RFC 6750).</summary>
    public const string BearerScheme = "Bearer";
}
