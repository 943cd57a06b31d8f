namespace Ptth.Http.Client;

/// <summary>A request to send. Its body, where it has one, is either at hand or a stream.</summary>
public sealed record HttpRequest
{
    /// <summary>The method.</summary>
    public required string Method { get; init; }

    /// <summary>The target in origin form.</summary>
    public required string Target { get; init; }

    /// <summary>Fields besides those of the stack: Host, framing, connection.</summary>
    public IReadOnlyList<HttpField> Fields { get; init; } = [];

    /// <summary>The media type of the body; none without one.</summary>
    public string? ContentType { get; init; }

    /// <summary>The body that is at hand.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Whether the body is a stream that follows the head: chunked, unless <see cref="StreamLength"/> says how long it is.</summary>
    public bool StreamsBody { get; init; }

    /// <summary>The length that is told of a streamed body; null for chunked coding.</summary>
    public long? StreamLength { get; init; }

    /// <summary>
    /// Whether the request may be sent again when a kept connection turns out to be dead before any byte of the answer came
    /// (RFC 9110 section 9.2.2). A request of which nothing was sent is sent again in any case.
    /// </summary>
    public bool IsIdempotent { get; init; }

    /// <summary>The process of the server that the request is for, by what its answers said; null for any. See <see cref="HttpClientOptions.IdentityField"/>.</summary>
    public string? For { get; init; }

    /// <summary>How long the server was asked to wait; the response's head may take that much longer. Infinite where it comes when a receiver has taken the body.</summary>
    public TimeSpan AskedWait { get; init; }
}
