using Ptth.Http.Core;
using Ptth.Http.Transport;
using Ptth.Http.Transport.Tls;

namespace Ptth.Http.Client;

/// <summary>What a client's connections share.</summary>
public sealed record HttpClientOptions
{
    /// <summary>Where all requests go.</summary>
    public required HttpOrigin Origin { get; init; }

    /// <summary>Decides about the server where the origin is https; null where it is http.</summary>
    public IServerTrust? Trust { get; init; }

    /// <summary>What stands on the way to the origin and has to be asked; null where nothing does.</summary>
    public HttpProxy? Proxy { get; init; }

    /// <summary>Whether requests go to the proxy, which hands them on, rather than through a tunnel of it.</summary>
    internal bool IsForwarded => Proxy is not null && Trust is null;

    /// <summary>Whom requests are sent to, for messages.</summary>
    internal string Peer => IsForwarded ? $"the proxy {Proxy}" : "the relay";

    /// <summary>The clock of all deadlines.</summary>
    public required Ticker Ticker { get; init; }

    /// <summary>The clock of dialing.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The bounds of heads and bodies.</summary>
    public HttpLimits Limits { get; init; } = HttpLimits.Default;

    /// <summary>For a connection to come about: TCP, and the proxy's tunnel and TLS where the origin is https.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>For a response's head, beyond any wait that the request asks for.</summary>
    public TimeSpan ResponseHeadTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long connections that wait or are kept may rest before the path is probed, whole seconds; infinite for never. See <see cref="PathWatch"/>.
    /// </summary>
    public TimeSpan PathCheck { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long an idle connection is kept; below the server's own limit, so that it is we who close.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>
    /// The field by which answers say which process of the server they are from; none where it is empty. A request for one goes on a kept
    /// connection to it, or on a new one: a kept one to another process, which may be about to end, is not for it.
    /// </summary>
    public ReadOnlyMemory<byte> IdentityField { get; init; }

    /// <summary>Idle connections kept: as many as a burst of short tunnels uses at once on a small machine.</summary>
    public int MaxIdleConnections { get; init; } = 64;
}
