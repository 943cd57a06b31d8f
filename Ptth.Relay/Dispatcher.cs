using System.Net;
using Ptth.Common.Net;
using Ptth.Common.Protocol;
using Ptth.Http.Core;
using Ptth.Http.Server;
using Ptth.Relay.Admission;
using Ptth.Relay.Endpoints;
using Ptth.Relay.Tunnels;

namespace Ptth.Relay;

/// <summary>From a request to its endpoint: path, method, version, key, right, in this order.</summary>
internal sealed class Dispatcher(RelayContext context, RequestGuard guard, StrangersLog strangers)
{
    private readonly ListenEndpoint _listen = new(context);
    private readonly ConnectEndpoint _connect = new(context);
    private readonly AcceptEndpoint _accept = new(context);
    private readonly StreamEndpoint _stream = new(context);
    private readonly ProbeEndpoint _probe = new(context);

    /// <summary>Answers one exchange.</summary>
    public ValueTask HandleAsync(ServerExchange exchange)
    {
        RequestHead request = exchange.Request;
        FindClient(exchange);
        Route route = Route.Parse(request.Path, context.Config.BasePath);
        context.Statistics.Requests.Increment((int)route.Kind);
        HttpResponse? refusal = Check(route, exchange, out Authentication authentication);
        Principal? principal = authentication.Principal;
        if (refusal is not null)
        {
            if (principal is null) OnStranger(exchange, refusal, authentication);
            else RelayLog.Refused(context, exchange, refusal, principal);
            return exchange.RespondAsync(refusal);
        }

        return route.Kind switch
        {
            RouteKind.Health => HealthEndpoint.HandleAsync(exchange, context),
            RouteKind.Probe => _probe.HandleAsync(exchange, principal!, route.First),
            RouteKind.Listen => _listen.HandleAsync(exchange, principal!, route.First),
            RouteKind.Connect => _connect.HandleAsync(exchange, principal!, route.First, route.Second),
            _ => HandleOwnAsync(exchange, principal!, route),
        };
    }

    /// <summary>Behind a trusted reverse proxy it is the proxy's client that asks: for all that counts or logs addresses.</summary>
    private void FindClient(ServerExchange exchange)
    {
        IReadOnlyList<IPNetwork> trusted = context.Config.TrustedProxies;
        if (trusted.Count == 0 || exchange.RemoteEndPoint is not IPEndPoint peer || !AddressRange.Contains(trusted, peer.Address)) return;
        if (ForwardedFields.ClientOf(exchange.Request.Fields, trusted) is { } client) exchange.RemoteEndPoint = new ForwardedClient(client);
    }

    private void OnStranger(ServerExchange exchange, HttpResponse refusal, Authentication authentication)
    {
        strangers.Refused(exchange, refusal, authentication);
        if (authentication.Verdict == KeyVerdict.NotAsked) return;
        RequestHead request = exchange.Request;
        context.Audit.AuthenticationFailed(exchange.RemoteEndPoint, request.Method, request.Path, authentication, refusal.Status);
    }

    private ValueTask HandleOwnAsync(ServerExchange exchange, Principal principal, Route route)
    {
        if (FindOwn(principal, route.First) is not { } tunnel) return exchange.RespondAsync(Problems.UnknownId);
        return route.Kind switch
        {
            RouteKind.Accept => _accept.HandleAsync(exchange, principal, tunnel),
            RouteKind.Reject => RejectEndpoint.HandleAsync(exchange, tunnel),
            _ => _stream.HandleAsync(exchange, tunnel, route.Kind == RouteKind.Upstream ? tunnel.Up : tunnel.Down),
        };
    }

    private HttpResponse? Check(Route route, ServerExchange exchange, out Authentication authentication)
    {
        RequestHead request = exchange.Request;
        authentication = default;
        if (route.Kind == RouteKind.Unknown) return Problems.UnknownPath;
        if (!route.Takes(request.Method)) return Problems.WrongMethod(route.Methods);
        if (request.Framing.Length > route.MaxBodyBytes(HttpLimits.Default)) return Problems.BodyTooLong;
        if (route.Kind == RouteKind.Health) return null;
        if (route.Streams && request.Version == ProtocolVersion.Http10) return Problems.NeedsHttp11;
        if (guard.Check(exchange, out authentication) is { } refusal) return refusal;
        Principal principal = authentication.Principal!;
        if (route.Kind == RouteKind.Probe) return null;
        bool isClients = route.Kind is RouteKind.Connect or RouteKind.Upstream;
        if (isClients && principal.IsServer) return Problems.NotForServers;
        if (!isClients && !principal.IsServer) return Problems.NotForClients;
        return null;
    }

    /// <summary>A tunnel by its ID, for a party to it; to anyone else it does not exist.</summary>
    private Tunnel? FindOwn(Principal principal, string id)
    {
        if (!ConnectionId.TryParse(id, out ConnectionId parsed)) return null;
        Tunnel? tunnel = context.Tunnels.Find(parsed);
        if (tunnel is null) return null;
        string owner = principal.IsServer ? tunnel.Offer.Address.Server : tunnel.Offer.Client;
        return owner == principal.Name ? tunnel : null;
    }
}
