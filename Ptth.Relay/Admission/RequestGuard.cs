using System.Net;
using Ptth.Http.Server;
using Ptth.Relay.Configuration;

namespace Ptth.Relay.Admission;

/// <summary>Asks requests for their key: who has a good one goes on, who has not is told so, or to come back later.</summary>
internal sealed class RequestGuard(RelayContext context, ConnectionGate gate)
{
    private readonly FailedAuthentications _failures = new(context.Config.Limits.FailedAuthenticationsPerAddress);

    /// <summary>Other bounds from now on.</summary>
    public void Use(RelayLimits limits) => _failures.Allowed = limits.FailedAuthenticationsPerAddress;

    /// <summary>
    /// Checks a request's key. The key comes first: a good one is good whatever others at the same address have done, and its look-up
    /// costs less than the reading of the head did.
    /// </summary>
    /// <returns>The answer where the key is not good; null where it is.</returns>
    public HttpResponse? Check(ServerExchange exchange, out Authentication authentication)
    {
        authentication = context.Authenticator.Authenticate(exchange.Request.Fields, (exchange.RemoteEndPoint as IPEndPoint)?.Address);
        if (authentication.Principal is not null)
        {
            gate.OnAuthenticated((AdmittedConnection)exchange.ConnectionTag!);
            return null;
        }

        gate.OnRefused((AdmittedConnection)exchange.ConnectionTag!);
        context.Statistics.FailedAuthentications.Increment((int)authentication.Verdict);
        TimeSpan delay = _failures.Add(exchange.RemoteEndPoint, context.Ticker.NowMilliseconds);
        return delay == TimeSpan.Zero ? Problems.Unauthorized : Problems.TooManyFailures(delay);
    }
}
