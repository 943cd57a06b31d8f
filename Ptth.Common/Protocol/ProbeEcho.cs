namespace Ptth.Common.Protocol;

/// <summary>
/// What a relay saw of a request: the answer to <c>probe/echo</c>, as JSON. What the request did not have is null; several lines of a field
/// stand with commas between; each text is cut at <see cref="MaxTextLength"/>.
/// </summary>
public sealed record ProbeEcho
{
    /// <summary>The longest text of a field, characters: what tells of intermediaries is short.</summary>
    public const int MaxTextLength = 512;

    /// <summary>The longest document, bytes: 10 texts, each character escaped.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>The version in the request line: <c>1.0</c> or <c>1.1</c>.</summary>
    public required string Version { get; init; }

    /// <summary>The Host field.</summary>
    public string? Host { get; init; }

    /// <summary>The Transfer-Encoding field.</summary>
    public string? TransferEncoding { get; init; }

    /// <summary>The Content-Length field.</summary>
    public string? ContentLength { get; init; }

    /// <summary>The Connection field.</summary>
    public string? Connection { get; init; }

    /// <summary>The Via field.</summary>
    public string? Via { get; init; }

    /// <summary>The Forwarded field (RFC 7239).</summary>
    public string? Forwarded { get; init; }

    /// <summary>The X-Forwarded-For field.</summary>
    public string? XForwardedFor { get; init; }

    /// <summary>The X-Forwarded-Host field.</summary>
    public string? XForwardedHost { get; init; }

    /// <summary>The X-Forwarded-Proto field.</summary>
    public string? XForwardedProto { get; init; }

    /// <summary>The address that the relay takes the request to come from.</summary>
    public string? Peer { get; init; }

    /// <summary>A number that the connection to the relay has for itself, as long as the relay runs.</summary>
    public long ConnectionNumber { get; init; }

    /// <summary>How many requests have come on it, this one included.</summary>
    public int ConnectionRequests { get; init; }

    /// <summary>Whose the key is: <c>server</c> or <c>client</c>.</summary>
    public required string Party { get; init; }

    /// <summary>Its name in the relay's configuration.</summary>
    public required string Name { get; init; }

    /// <summary>The relay's version.</summary>
    public required string Relay { get; init; }

    /// <summary>The relay's clock.</summary>
    public DateTimeOffset Time { get; init; }
}
