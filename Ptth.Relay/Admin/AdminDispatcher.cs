using Ptth.Common.Protocol;
using Ptth.Http.Server;
using Ptth.Relay.Admin.Metrics;
using Ptth.Relay.Admission;
using Ptth.Relay.Rendezvous;

namespace Ptth.Relay.Admin;

/// <summary>From a request to the admin listener to its answer: who, path, method, in this order.</summary>
/// <param name="context">The relay's parts.</param>
/// <param name="guard">Who may ask.</param>
/// <param name="gate">Counts connections.</param>
/// <param name="feed">The status.</param>
/// <param name="metrics">The metrics.</param>
internal sealed class AdminDispatcher(RelayContext context, AdminGuard guard, ConnectionGate gate, StatusFeed feed, RelayMetrics metrics)
{
    /// <summary>Answers one exchange.</summary>
    public async ValueTask HandleAsync(ServerExchange exchange)
    {
        // What follows may make a long document, and sends it: not on a thread that moves tunnels' bytes.
        await Task.Yield();
        AdminRoute route = AdminRoute.Parse(exchange.Request.Path);
        if (Check(exchange, route) is { } refusal)
        {
            await exchange.RespondAsync(refusal);
            return;
        }

        await (route.Kind switch
        {
            AdminRouteKind.Page => exchange.RespondAsync(StatusPage.Answer),
            AdminRouteKind.Readiness => exchange.RespondAsync(context.IsDraining ? AdminAnswers.Draining : AdminAnswers.Ok),
            AdminRouteKind.Metrics => exchange.RespondAsync(AdminAnswers.Document(MetricsWriter.MediaType, metrics.Make())),
            AdminRouteKind.Status => exchange.RespondAsync(AdminAnswers.Document("application/json", feed.Document())),
            AdminRouteKind.Events => EventsEndpoint.HandleAsync(exchange, feed),
            AdminRouteKind.Close => exchange.RespondAsync(Close(exchange, route.Id)),
            _ => exchange.RespondAsync(AdminAnswers.Ok),
        });
    }

    private HttpResponse? Check(ServerExchange exchange, AdminRoute route)
    {
        if (guard.Check(exchange, route) is { } refusal) return refusal;
        if (!route.IsPublic)
        {
            gate.OnAuthenticated((AdmittedConnection)exchange.ConnectionTag!);
            // Health is for programs that would restart a relay that does not answer.
            if (gate.Count - gate.Unauthenticated > AdminServer.MaxConnections) return AdminAnswers.TooManyConnections;
        }

        if (route.Kind == AdminRouteKind.Unknown) return AdminAnswers.UnknownPath;
        return route.Takes(exchange.Request.Method) ? null : AdminAnswers.WrongMethod(route.Methods);
    }

    private HttpResponse Close(ServerExchange exchange, string id)
    {
        if (!ConnectionId.TryParse(id, out ConnectionId parsed) || context.Tunnels.Find(parsed) is not { } tunnel || !tunnel.TryClose())
            return AdminAnswers.UnknownTunnel;
        feed.Outdate();
        Offer offer = tunnel.Offer;
        context.Audit.AdministrativeAct("close_tunnel", exchange.RemoteEndPoint,
            ("id", id), ("client", offer.Client), ("server", offer.Address.Server), ("port", offer.Address.Port));
        return AdminAnswers.Done;
    }
}
