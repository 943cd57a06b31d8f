using System.Net;
using Microsoft.Extensions.Logging;
using Ptth.Common.Net;
using Ptth.Common.Protocol;
using Ptth.Proxy.Configuration;
using Ptth.Proxy.Tunnels;

namespace Ptth.Proxy;

/// <summary>All that the proxies log.</summary>
internal static partial class ProxyLog
{
    [LoggerMessage(200, LogLevel.Information, "ready: forwarding {Forwards}")]
    public static partial void ClientReady(ILogger logger, string forwards);

    [LoggerMessage(201, LogLevel.Information, "ready: serving {Ports} at {Relay}")]
    public static partial void ServerReady(ILogger logger, string ports, string relay);

    [LoggerMessage(202, LogLevel.Information, "tunnel {Id} ended: {End} by the {By}, {SentBytes} bytes sent to the relay, {ReceivedBytes} received, {Seconds:0.000} s")]
    public static partial void TunnelEnded(ILogger logger, ConnectionId id, TunnelEnd end, string by, long sentBytes, long receivedBytes, double seconds);

    [LoggerMessage(203, LogLevel.Warning, "no tunnel to {Server}/{Port} for {Local}: {Reason}")]
    public static partial void NoTunnel(ILogger logger, string server, string port, EndPoint? local, string reason);

    [LoggerMessage(204, LogLevel.Warning, "tunnel {Id} for client {Client} rejected: port {Port}: {Reason}")]
    public static partial void Rejected(ILogger logger, ConnectionId id, string client, string port, string reason);

    [LoggerMessage(205, LogLevel.Warning, "tunnel {Id} for client {Client} did not come about: {Reason}")]
    public static partial void NotAccepted(ILogger logger, ConnectionId id, string client, string reason);

    [LoggerMessage(206, LogLevel.Warning, "the relay cannot be used: {Reason}; next try in {Seconds:0.00} s")]
    public static partial void RelayLost(ILogger logger, string reason, double seconds);

    [LoggerMessage(207, LogLevel.Information, "the relay can be used again")]
    public static partial void RelayBack(ILogger logger);

    [LoggerMessage(208, LogLevel.Error, "cannot listen on {Address}: {Reason}")]
    public static partial void CannotListen(ILogger logger, IPEndPoint address, string reason);

    [LoggerMessage(209, LogLevel.Warning, "cannot accept connections for now: {Reason}")]
    public static partial void CannotAccept(ILogger logger, string reason);

    [LoggerMessage(210, LogLevel.Error, "a tunnel failed by a defect of this program")]
    public static partial void TunnelFailed(ILogger logger, Exception failure);

    [LoggerMessage(213, LogLevel.Information, "no tunnel to {Server}/{Port} for {Local} yet: {Reason}; it is asked for again for up to {Seconds:0.0} s")]
    public static partial void AskingAgain(ILogger logger, string server, string port, EndPoint? local, string reason, double seconds);

    [LoggerMessage(214, LogLevel.Information, "the relay answers")]
    public static partial void RelayAnswers(ILogger logger);

    [LoggerMessage(212, LogLevel.Information, "configuration read again: {Changes}")]
    public static partial void Reloaded(ILogger logger, string changes);

    [LoggerMessage(220, LogLevel.Information, "SIGHUP: without --config only the file of the key is read again: {Changes}")]
    public static partial void KeyReloaded(ILogger logger, string changes);

    [LoggerMessage(221, LogLevel.Warning, "configuration read again: {Keys} cannot change while the proxy runs: restart it for that; everything else is taken")]
    public static partial void NeedsRestart(ILogger logger, string keys);

    [LoggerMessage(222, LogLevel.Information, "the way to the relay leads through the proxy {Proxy}, by {Source}")]
    public static partial void ThroughProxy(ILogger logger, HttpProxyUrl proxy, string source);

    [LoggerMessage(211, LogLevel.Debug, "client {Client} wants port {Port}: tunnel {Id}")]
    public static partial void Wanted(ILogger logger, string client, string port, ConnectionId id);

    [LoggerMessage(223, LogLevel.Warning, "tunnel {Id}: its bytes cannot be delivered: {Reason}")]
    public static partial void UploadFailed(ILogger logger, ConnectionId id, string reason);

    [LoggerMessage(224, LogLevel.Information, "uploads go in segments: {Reason}; ptth-proxy doctor says what mends that")]
    public static partial void InSegments(ILogger logger, string reason);

    [LoggerMessage(227, LogLevel.Warning, "no tunnel can come about: what stands in front of the relay asks it in HTTP/1.0 (426); ptth-proxy doctor says what mends that")]
    public static partial void NoStreams(ILogger logger);

    [LoggerMessage(225, LogLevel.Debug, "uploads go as streams: the path hands bodies on as they come")]
    public static partial void AsStreams(ILogger logger);

    [LoggerMessage(226, LogLevel.Information, "a segment of {Refused} bytes was refused for its length (413): from now on they have {Bytes} at most")]
    public static partial void ShorterSegments(ILogger logger, int refused, int bytes);

    /// <summary>Through whom a tunnel ended, in words.</summary>
    public static string Describe(EndedBy by) => by switch
    {
        EndedBy.Local => "local program",
        EndedBy.Relay => "relay or the party behind it",
        _ => "proxy",
    };

    /// <summary>A server's ports in words.</summary>
    public static string Describe(IEnumerable<PortMapping> ports) => string.Join(", ", ports.Select(static port => $"{port.Name} -> {port.Target}"));
}
