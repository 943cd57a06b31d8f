using Ptth.Common.Protocol;

namespace Ptth.Proxy.Probes;

/// <summary>Which version and framing a streamed request has when it comes to the relay, and a streamed answer when it comes back.</summary>
internal sealed record Chunking : PathMeasurement
{
    /// <summary>What the relay saw of a request with a chunked body in HTTP/1.1; null where it was not told.</summary>
    public ProbeEcho? Request { get; init; }

    /// <summary>Whether that body came to the relay chunked. It had ended when it went out: who hands streams on may still tell its length.</summary>
    public bool RequestIsChunked { get; init; }

    /// <summary>Whether an answer that the relay sent chunked came so; false where it has a length, which who hands streams on may tell when all is there, or ends with the connection.</summary>
    public bool AnswerIsChunked { get; init; }

    /// <summary>Whether the end of an answer is told by the connection's alone.</summary>
    public bool AnswerEndsWithConnection { get; init; }

    /// <summary>Whether the body of an answer came with other bytes than it was sent with.</summary>
    public bool AnswerIsChanged { get; init; }

    /// <summary>The Content-Encoding that an answer came with though none was sent; null without one.</summary>
    public string? AnswerEncoding { get; init; }
}
