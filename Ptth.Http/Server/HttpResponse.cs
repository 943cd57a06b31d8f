namespace Ptth.Http.Server;

/// <summary>A response that is sent whole.</summary>
public sealed record HttpResponse
{
    /// <summary>The status code, 200 to 599.</summary>
    public required int Status { get; init; }

    /// <summary>The media type of the body; none without one.</summary>
    public string? ContentType { get; init; }

    /// <summary>The body; empty for none.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>One word of a fixed set, by which the program counts and logs it; it is not sent. Null for one that is not counted.</summary>
    public string? Reason { get; init; }

    /// <summary>Further fields, not framing or connection fields: those are the stack's own.</summary>
    public IReadOnlyList<HttpField> Fields { get; init; } = [];
}
