using Ptth.Common.Protocol;
using Ptth.Http;
using Ptth.Http.Flow;
using Ptth.Http.Server;
using Ptth.Http.Transport;
using Ptth.Relay.Audit;
using Ptth.Relay.Rendezvous;
using Ptth.Relay.Tunnels;

namespace Ptth.Relay.Endpoints;

/// <summary><c>POST connect/{server}/{port}</c>: a client's request for a tunnel; its answer is the client's downstream.</summary>
internal sealed class ConnectEndpoint(RelayContext context)
{
    /// <summary>The bounds of the wait for a listen.</summary>
    private static readonly TimeSpan LeastWait = TimeSpan.Zero;
    private static readonly TimeSpan MostWait = TimeSpan.FromSeconds(60);

    private static readonly byte[] ConnectionField = PtthHeaders.Connection.ToArray();

    public async ValueTask HandleAsync(ServerExchange exchange, Principal client, string server, string port)
    {
        var address = new PortAddress(server, port);
        (HttpResponse? refusal, string why) = Check(client, address);
        Tunnel? tunnel = null;
        if (refusal is null && !context.Tunnels.TryCreate(client.Name, address, out tunnel, out TunnelLimit reached, HandedOn.OfferIn(exchange.Request.Fields)))
            (refusal, why) = (Problems.TooManyTunnels(reached), ConnectOutcome.TooManyTunnels);
        if (refusal is not null)
        {
            RelayLog.Refused(context, exchange, refusal, client);
            context.Audit.Connect(client.Name, exchange.RemoteEndPoint, address, id: null, why);
            await exchange.RespondAsync(refusal);
            return;
        }

        TimeSpan wait = PreferredWait.Of(exchange.Request.Fields, client.Source.Config.Timeouts.ConnectWait, LeastWait, MostWait);
        tunnel!.JoinConnect(exchange);
        tunnel.ClientKey = client.Key;
        CancellationToken gone = exchange.WatchPeer();
        using CancellationTokenRegistration onGone =
            gone.Register(static state => ((Tunnel)state!).OnReceiverGone(((Tunnel)state!).Down), tunnel);
        try
        {
            bool isAccepted = await OfferAsync(client, tunnel, wait, gone);
            context.Audit.Connect(
                client.Name, exchange.RemoteEndPoint, address, tunnel.Offer.Id, isAccepted ? ConnectOutcome.Accepted : ConnectOutcome.Of(tunnel.End));
            if (!isAccepted)
            {
                await AnswerAsync(exchange, tunnel, client);
                return;
            }

            context.Statistics.ConnectWait.Observe(context.Ticker.NowMilliseconds - tunnel.StartedMilliseconds);
            FlowSink sink = await exchange.StartStreamAsync(FieldsOf(tunnel));
            FlowResult result = await tunnel.Down.AttachSink(sink);
            if (result.IsClean) exchange.EndStream();
            else exchange.Abort();
        }
        catch (Exception failure) when (Connection.IsConnectionFailure(failure))
        {
            tunnel.Fail(TunnelEnd.ClientBroke);
            throw;
        }
    }

    private (HttpResponse? Refusal, string Why) Check(Principal client, PortAddress address)
    {
        if (!PtthName.IsValid(address.Server) || !PtthName.IsValid(address.Port)) return (Problems.BadName, ConnectOutcome.BadName);
        if (!client.MayReach(address.Server, address.Port)) return (Problems.NotAllowed, ConnectOutcome.NotAllowed);
        if (!client.Source.KnowsServer(address.Server)) return (Problems.UnknownServer, ConnectOutcome.UnknownServer);
        return context.IsDraining ? (Problems.Draining, ConnectOutcome.Draining) : default;
    }

    private HttpField[] FieldsOf(Tunnel tunnel)
    {
        var id = new HttpField(ConnectionField, tunnel.Offer.Id.ToString());
        return tunnel.Agreed is null ? [id, context.Identity, Abilities.Field] : [id, context.Identity, Abilities.Field, HandedOn.Agreed(tunnel.Agreed)];
    }

    /// <summary>Offers the tunnel and waits for its accept; says whether it was accepted.</summary>
    private async ValueTask<bool> OfferAsync(Principal client, Tunnel tunnel, TimeSpan wait, CancellationToken gone)
    {
        using CancellationTokenRegistration onKeyGone = client.Key.Gone.UnsafeRegister(static state => ((Tunnel)state!).OnClientKeyGone(), tunnel);
        RendezvousOutcome outcome = await context.Rendezvous.OfferAsync(tunnel.Offer, wait, gone);
        if (outcome == RendezvousOutcome.Matched)
        {
            await AwaitAcceptAsync(tunnel, client.Source.Config.Timeouts.Accept);
            context.Rendezvous.Withdraw(tunnel.Offer);
        }
        else
        {
            tunnel.Fail(outcome switch
            {
                RendezvousOutcome.TooMany => TunnelEnd.TooManyWaiting,
                RendezvousOutcome.Cancelled => TunnelEnd.ClientBroke,
                _ => TunnelEnd.NobodyListening,
            });
        }

        return await tunnel.Accepted;
    }

    /// <summary>Waits for the accept as long as a server may take for it.</summary>
    private async ValueTask AwaitAcceptAsync(Tunnel tunnel, TimeSpan longest)
    {
        using ITimer timer = context.Time.CreateTimer(static state => ((Tunnel)state!).FailUnlessAccepted(TunnelEnd.NotAccepted), tunnel,
            longest, Timeout.InfiniteTimeSpan);
        await tunnel.Accepted;
    }

    private async ValueTask AnswerAsync(ServerExchange exchange, Tunnel tunnel, Principal client)
    {
        await exchange.StopWatchAsync();
        HttpResponse? answer = AnswerTo(tunnel) ?? Problems.OfDroppedBody(exchange);
        if (tunnel.End == TunnelEnd.TooManyWaiting) RelayLog.Refused(context, exchange, Problems.TooManyWaiting, client);
        if (answer is null) exchange.Abort();
        else await exchange.RespondAsync(answer);
    }

    /// <summary>The answer to a connect whose tunnel ended before it began; null where it is through the client.</summary>
    private HttpResponse? AnswerTo(Tunnel tunnel) => tunnel.End switch
    {
        TunnelEnd.TooManyWaiting => Problems.TooManyWaiting,
        TunnelEnd.NobodyListening => context.IsDraining ? Problems.Draining : Problems.NobodyListening,
        TunnelEnd.Rejected => Problems.Rejected(tunnel.Rejection!),
        TunnelEnd.NotAccepted => Problems.NotAccepted,
        TunnelEnd.Stopping => Problems.Draining,
        TunnelEnd.KeyGone => Problems.Unauthorized,
        _ => null,
    };
}
