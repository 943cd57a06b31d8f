namespace Ptth.Proxy.Doctor.Findings;

/// <summary>What may be wrong with a relay or with the way to it. Each has a word of its own, in JSON too: its name in small letters with dashes.</summary>
internal enum FindingKind
{
    /// <summary>This machine's clock and the relay's are apart.</summary>
    Clock,

    /// <summary>The relay's certificate is about to expire.</summary>
    CertificateExpires,

    /// <summary>The relay does not know what shows the path.</summary>
    OlderRelay,

    /// <summary>The relay is asked in HTTP/1.0.</summary>
    Http10ToRelay,

    /// <summary>The answers come in HTTP/1.0, or their end is told by the connection's alone.</summary>
    Http10Answers,

    /// <summary>The relay's answers come other than they were sent.</summary>
    AnswersChanged,

    /// <summary>Request bodies are held back until they end.</summary>
    RequestBuffering,

    /// <summary>Answers are held back.</summary>
    ResponseBuffering,

    /// <summary>Answers would be held back, if they did not ask not to be.</summary>
    ResponseBufferingUnasked,

    /// <summary>What was broken off comes as if it were whole.</summary>
    BreakAsEnd,

    /// <summary>Request bodies are cut or refused at a size.</summary>
    SizeCap,

    /// <summary>What rests is cut off.</summary>
    IdleCut,

    /// <summary>Each request of this side needs a connection of its own.</summary>
    ConnectionsClosed,

    /// <summary>Each request needs a connection of its own between what stands in between and the relay.</summary>
    RelayConnectionsClosed,

    /// <summary>Small pieces come late.</summary>
    Delay,
}
