using System.Net;
using Microsoft.Extensions.Logging;
using Ptth.Http.Core;
using Ptth.Http.Server;
using Ptth.Http.Transport;

namespace Ptth.Relay.Admission;

/// <summary>Logs what anybody can cause who reaches the port, within a bound: a flood is not to fill the operator's disk.</summary>
internal sealed class StrangersLog(ILogger logger, Ticker ticker)
{
    private readonly LogThrottle _refused = new();
    private readonly LogThrottle _turnedAway = new();
    private readonly LogThrottle _wrongScheme = new();

    /// <summary>A request that was refused, and carried no good key.</summary>
    public void Refused(ServerExchange exchange, HttpResponse refusal, Authentication authentication)
    {
        if (_refused.TryTake(ticker.NowMilliseconds, out int leftOut)) RelayLog.Refused(logger, exchange, refusal, Describe(authentication), leftOut);
    }

    /// <summary>A connection that was reset, its own bound or another's newcomer being the reason.</summary>
    public void TurnedAway(PeerAddress address, TurnedAway bound)
    {
        if (_turnedAway.TryTake(ticker.NowMilliseconds, out int leftOut)) RelayLog.TurnedAway(logger, address, TurnedAwayNames.Of(bound), leftOut);
    }

    /// <summary>Bytes that are no request. A wrong scheme in a URL is somebody's mistake; all else is nobody's but the sender's.</summary>
    public void RefusedBytes(EndPoint? remote, HttpViolation violation)
    {
        if (violation is not (HttpViolation.TlsHandshake or HttpViolation.NotTls)) RelayLog.Malformed(logger, remote, violation);
        else if (_wrongScheme.TryTake(ticker.NowMilliseconds, out int leftOut)) RelayLog.WrongScheme(logger, remote, violation, leftOut);
    }

    private static string Describe(Authentication authentication) => authentication.Verdict switch
    {
        KeyVerdict.Unknown => "unknown",
        KeyVerdict.Expired => authentication.Owner + ", expired",
        KeyVerdict.WrongAddress => authentication.Owner + ", not allowed from this address",
        _ => "none",
    };
}
