using Ptth.Common.Protocol;
using Ptth.Http.Core;
using Ptth.Http.Server;
using Ptth.Relay.Tunnels;

namespace Ptth.Relay.Endpoints;

/// <summary><c>POST reject/{id}</c>: a server cannot take the connection and says why.</summary>
internal static class RejectEndpoint
{
    private static readonly HttpResponse Done = new() { Status = 204 };

    public static async ValueTask HandleAsync(ServerExchange exchange, Tunnel tunnel)
    {
        byte[]? body = await exchange.ReadBodyAsync(Problem.MaxBytes);
        if (exchange.BodyViolation is not HttpViolation.None and var violation)
        {
            await exchange.RespondInvalidBodyAsync(Problems.OfViolation(violation));
            return;
        }

        if (body is null || !Problem.TryParse(body, out Problem? reason))
        {
            await exchange.RespondAsync(body is null ? Problems.BodyTooLong : Problems.BadReason);
            return;
        }

        await exchange.RespondAsync(tunnel.TryReject(reason) switch
        {
            JoinResult.Joined => Done,
            JoinResult.Taken => Problems.Taken,
            _ => Problems.Gone,
        });
    }
}
