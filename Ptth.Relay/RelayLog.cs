using System.Net;
using Microsoft.Extensions.Logging;
using Ptth.Common.Protocol;
using Ptth.Http.Core;
using Ptth.Http.Server;
using Ptth.Relay.Admission;
using Ptth.Relay.Rendezvous;
using Ptth.Relay.Tunnels;

namespace Ptth.Relay;

/// <summary>All that the relay logs.</summary>
internal static partial class RelayLog
{
    [LoggerMessage(100, LogLevel.Information, "ready: listening on {Addresses}")]
    public static partial void Ready(ILogger logger, string addresses);

    [LoggerMessage(111, LogLevel.Information, "admin listener on http://{Address}/")]
    public static partial void AdminReady(ILogger logger, IPEndPoint address);

    [LoggerMessage(101, LogLevel.Information, "tunnel {Id} from {Client} to {Address} ended: {End} by {By}, {UpBytes} bytes up, {DownBytes} bytes down, {Seconds:0.000} s")]
    public static partial void TunnelEnded(ILogger logger, ConnectionId id, string client, PortAddress address, TunnelEnd end, EndedBy by,
        long upBytes, long downBytes, double seconds);

    /// <summary>A party's request that was refused, and how many of its refused ones were not logged.</summary>
    public static void Refused(RelayContext context, ServerExchange exchange, HttpResponse refusal, Principal party)
    {
        if (!party.Key.Refusals.TryTake(context.Ticker.NowMilliseconds, out int leftOut)) return;
        Refused(context.Logger, exchange, refusal, party.Name);
        if (leftOut > 0) PartysRefusedLeftOut(context.Logger, leftOut, party.Name);
    }

    /// <summary>A request that was refused and carried no good key, and how many like it were not logged.</summary>
    public static void Refused(ILogger logger, ServerExchange exchange, HttpResponse refusal, string key, int leftOut)
    {
        Refused(logger, exchange, refusal, key);
        if (leftOut > 0) RefusedLeftOut(logger, leftOut);
    }

    private static void Refused(ILogger logger, ServerExchange exchange, HttpResponse refusal, string key) =>
        Refused(logger, exchange.RemoteEndPoint, exchange.Request.Method, PtthKey.LeaveOut(exchange.Request.Target), refusal.Status, refusal.Reason, key);

    [LoggerMessage(102, LogLevel.Warning, "{Remote}: {Method} {Target} refused with {Status}, {Reason} (key: {Party})")]
    private static partial void Refused(ILogger logger, EndPoint? remote, string method, string target, int status, string? reason, string party);

    [LoggerMessage(103, LogLevel.Warning, "{Remote}: a stream broke the rules of its framing: {Violation}")]
    public static partial void InvalidStream(ILogger logger, EndPoint? remote, HttpViolation violation);

    [LoggerMessage(104, LogLevel.Error, "{Remote}: an exchange failed; its connection was closed")]
    public static partial void ExchangeFailed(ILogger logger, Exception failure, EndPoint? remote);

    [LoggerMessage(105, LogLevel.Error, "cannot listen on {Address}: {Reason}")]
    public static partial void CannotListen(ILogger logger, IPEndPoint address, string reason);

    [LoggerMessage(140, LogLevel.Error, "the sockets of the service manager: {Problem}")]
    public static partial void CannotUseSocket(ILogger logger, string problem);

    [LoggerMessage(141, LogLevel.Information, "another process still takes connections from these sockets; it is waited for")]
    public static partial void WaitingForPredecessor(ILogger logger);

    [LoggerMessage(142, LogLevel.Warning, "another process takes connections from these sockets after {Seconds} s still: tunnels whose requests come to both will fail")]
    public static partial void PredecessorStays(ILogger logger, double seconds);

    [LoggerMessage(143, LogLevel.Information, "handed over: new connections are left to the next process")]
    public static partial void HandedOver(ILogger logger);

    [LoggerMessage(106, LogLevel.Warning, "cannot accept connections for now: {Reason}")]
    public static partial void CannotAccept(ILogger logger, string reason);

    [LoggerMessage(108, LogLevel.Warning, "{Count} more requests without a good key were refused since the last of these lines")]
    private static partial void RefusedLeftOut(ILogger logger, int count);

    [LoggerMessage(112, LogLevel.Warning, "{Count} more requests with the key of {Party} were refused since the last of these lines")]
    private static partial void PartysRefusedLeftOut(ILogger logger, int count, string party);

    /// <summary>A connection that was reset because of a bound, and how many like it were not logged.</summary>
    public static void TurnedAway(ILogger logger, PeerAddress address, string limit, int leftOut)
    {
        TurnedAway(logger, address, limit);
        if (leftOut > 0) TurnedAwayLeftOut(logger, leftOut);
    }

    [LoggerMessage(109, LogLevel.Warning, "{Address}: a connection was reset: {Limit} was reached")]
    private static partial void TurnedAway(ILogger logger, PeerAddress address, string limit);

    [LoggerMessage(110, LogLevel.Warning, "{Count} more connections were reset since the last of these lines")]
    private static partial void TurnedAwayLeftOut(ILogger logger, int count);

    [LoggerMessage(107, LogLevel.Information, "stopped; {Broken} tunnels were broken off")]
    public static partial void Stopped(ILogger logger, int broken);

    /// <summary>TLS on a plain port, or plain bytes on one for TLS; and how many others were left out of the log before it.</summary>
    public static void WrongScheme(ILogger logger, EndPoint? remote, HttpViolation violation, int leftOut)
    {
        if (violation == HttpViolation.NotTls) PlainOnTlsPort(logger, remote);
        else TlsOnPlainPort(logger, remote);
        if (leftOut > 0) WrongSchemeLeftOut(logger, leftOut);
    }

    [LoggerMessage(120, LogLevel.Warning, "{Remote}: TLS came to a port for plain HTTP; the URL there begins with http://, or the port belongs into tls.listen")]
    private static partial void TlsOnPlainPort(ILogger logger, EndPoint? remote);

    [LoggerMessage(121, LogLevel.Warning, "{Remote}: plain bytes came to a port for TLS; the URL there begins with https://")]
    private static partial void PlainOnTlsPort(ILogger logger, EndPoint? remote);

    [LoggerMessage(127, LogLevel.Warning, "{Count} more connections with the wrong scheme were left out of the log")]
    private static partial void WrongSchemeLeftOut(ILogger logger, int count);

    [LoggerMessage(122, LogLevel.Debug, "{Remote}: not a request: {Violation}")]
    public static partial void Malformed(ILogger logger, EndPoint? remote, HttpViolation violation);

    [LoggerMessage(123, LogLevel.Debug, "{Remote}: {Reason}")]
    public static partial void HandshakeFailed(ILogger logger, EndPoint? remote, string reason);

    [LoggerMessage(124, LogLevel.Information, "the certificate for {Names} is in use from now on; it expires on {NotAfter:u}, {Fingerprint}")]
    public static partial void CertificateTaken(ILogger logger, string names, DateTime notAfter, string fingerprint);

    [LoggerMessage(125, LogLevel.Warning, "the certificate's files cannot be used, the certificate in use stays: {Reason}")]
    public static partial void CertificateRefused(ILogger logger, string reason);

    [LoggerMessage(128, LogLevel.Information, "configuration read again: {Changes}")]
    public static partial void Reloaded(ILogger logger, string changes);

    [LoggerMessage(130, LogLevel.Warning, "configuration read again: {Keys} differs from what is in force and needs a restart; everything else is taken")]
    public static partial void NeedsRestart(ILogger logger, string keys);

    [LoggerMessage(129, LogLevel.Error, "lines of the audit log are being lost: {Reason}")]
    public static partial void AuditFailed(ILogger logger, string reason);

    [LoggerMessage(126, LogLevel.Warning, "the certificate {Problem}")]
    public static partial void CertificateTime(ILogger logger, string problem);
}
