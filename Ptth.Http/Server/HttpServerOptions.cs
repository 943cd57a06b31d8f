using System.Net;
using Ptth.Http.Core;
using Ptth.Http.Transport;
using Ptth.Http.Transport.Tls;

namespace Ptth.Http.Server;

/// <summary>What all connections of a server share.</summary>
public sealed record HttpServerOptions
{
    /// <summary>The clock of all deadlines.</summary>
    public required Ticker Ticker { get; init; }

    /// <summary>The bounds of heads and bodies.</summary>
    public HttpLimits Limits { get; init; } = HttpLimits.Default;

    /// <summary>From a head's first byte to its last, and from the connection's start, with its TLS handshake, to the first head's first byte.</summary>
    public TimeSpan HeadTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a connection may rest between two exchanges.</summary>
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>How long the peer may take to receive an answer that is sent whole.</summary>
    public TimeSpan SendTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the rest of a body that nobody wants is received before the connection is closed.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Answers an exchange; see <see cref="HttpServerConnection"/>.</summary>
    public required Func<ServerExchange, ValueTask> Handler { get; init; }

    /// <summary>Makes the answer to a request that could not be read: status and one sentence for the peer.</summary>
    public required Func<int, string, HttpResponse> ErrorResponse { get; init; }

    /// <summary>Is told of each response that is sent whole, before it is.</summary>
    public Action<HttpResponse> OnResponse { get; init; } = static _ => { };

    /// <summary>Is told of a connection whose bytes broke the rules before or within a request's head.</summary>
    public Action<EndPoint?, HttpViolation> OnRefused { get; init; } = static (_, _) => { };

    /// <summary>Is told of a TLS handshake that failed, and why.</summary>
    public Action<EndPoint?, TlsException> OnHandshakeFailed { get; init; } = static (_, _) => { };

    /// <summary>
    /// Is told of each connection's end, and of the handler's failure where it ended through one. Whoever is told need not await the
    /// connection: for that each would hold a state of its own.
    /// </summary>
    public Action<HttpServerConnection, Exception?> OnEnded { get; init; } = static (_, _) => { };

    /// <summary>Whether connections are to end with the exchange that they are in; asked when a response's head is written.</summary>
    public Func<bool> IsDraining { get; init; } = static () => false;
}
