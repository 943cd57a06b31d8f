using Ptth.Http.Server;

namespace Ptth.Relay.Endpoints;

/// <summary><c>GET health</c>: for load balancers.</summary>
internal static class HealthEndpoint
{
    private static readonly HttpResponse Healthy = new() { Status = 200, ContentType = "text/plain; charset=utf-8", Body = "ok\n"u8.ToArray() };

    public static ValueTask HandleAsync(ServerExchange exchange, RelayContext context) =>
        exchange.RespondAsync(context.IsDraining ? Problems.UnhealthyWhileDraining : Healthy);
}
