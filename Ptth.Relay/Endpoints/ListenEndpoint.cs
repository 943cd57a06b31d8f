using System.Text;
using Ptth.Common.Protocol;
using Ptth.Http;
using Ptth.Http.Server;
using Ptth.Http.Transport;
using Ptth.Relay.Rendezvous;
using Ptth.Relay.Tunnels;

namespace Ptth.Relay.Endpoints;

/// <summary><c>POST listen/{port}</c>: a server's long poll.</summary>
internal sealed class ListenEndpoint(RelayContext context)
{
    /// <summary>The bounds of the wait: below them a poll is no longer long, above them too many intermediaries give up.</summary>
    private static readonly TimeSpan LeastWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MostWait = TimeSpan.FromSeconds(300);

    private static readonly HttpResponse NobodyCame = new() { Status = 204 };
    private static readonly byte[] ConnectionField = PtthHeaders.Connection.ToArray();
    private static readonly byte[] ClientField = PtthHeaders.Client.ToArray();

    public async ValueTask HandleAsync(ServerExchange exchange, Principal server, string port)
    {
        if (!PtthName.IsValid(port))
        {
            await exchange.RespondAsync(Problems.BadName);
            return;
        }

        TimeSpan wait = PreferredWait.Of(exchange.Request.Fields, server.Source.Config.Timeouts.ListenWait, LeastWait, MostWait);
        CancellationToken gone = exchange.WatchPeer();
        var address = new PortAddress(server.Name, port);
        ListenResult result;
        context.Statistics.Presence.ListenBegan(address);
        try
        {
            using CancellationTokenRegistration onKeyGone = server.Key.Gone.UnsafeRegister(static state => ((ServerExchange)state!).EndWait(), exchange);
            result = await context.Rendezvous.ListenAsync(address, wait, gone, ListenerOf(exchange));
        }
        finally
        {
            context.Statistics.Presence.ListenEnded(address);
        }

        await exchange.StopWatchAsync();
        if (server.Key.IsGone)
        {
            // Whoever was told of a client could not accept it any more.
            if (result.Offer is { } offer) context.Rendezvous.Return(offer);
            await exchange.RespondAsync(Problems.Unauthorized);
            return;
        }

        switch (result.Outcome)
        {
            case RendezvousOutcome.Matched:
                await HandOutAsync(exchange, result.Offer!, gone);
                break;
            case RendezvousOutcome.TooMany:
                RelayLog.Refused(context, exchange, Problems.TooManyListens, server);
                await exchange.RespondAsync(Problems.TooManyListens);
                break;
            case RendezvousOutcome.Cancelled:
                await GiveUpAsync(exchange);
                break;
            default:
                await exchange.RespondAsync(context.IsDraining ? Problems.Draining : NobodyCame);
                break;
        }
    }

    /// <summary>Tells the server of a client; where that fails, another listen gets it.</summary>
    private async ValueTask HandOutAsync(ServerExchange exchange, Offer offer, CancellationToken gone)
    {
        if (gone.IsCancellationRequested)
        {
            Return(offer);
            await GiveUpAsync(exchange);
            return;
        }

        try
        {
            await exchange.RespondAsync(new HttpResponse
            {
                Status = 200,
                Fields = FieldsOf(offer),
            });
            if (context.Tunnels.Find(offer.Id) is { IsAnswered: false } tunnel)
                tunnel.Announced = new Announcement(exchange.Channel, context.Ticker.NowMilliseconds, () => Return(offer));
        }
        catch (Exception failure) when (Connection.IsConnectionFailure(failure))
        {
            Return(offer);
            throw;
        }
    }

    /// <summary>Which of its server's listens it is; null where it does not say, or not in a name.</summary>
    private static string? ListenerOf(ServerExchange exchange) =>
        exchange.Request.Fields.TryGetSingle(PtthHeaders.Listener, out ReadOnlySpan<byte> said)
        && PtthName.TryParse(Encoding.ASCII.GetString(said[..Math.Min(said.Length, PtthName.MaxLength + 1)]), out string? listener) ? listener : null;

    private HttpField[] FieldsOf(Offer offer)
    {
        HttpField id = new(ConnectionField, offer.Id.ToString()), client = new(ClientField, offer.Client);
        return offer.Extras is null ? [id, client, context.Identity] : [id, client, context.Identity, HandedOn.Offer(offer.Extras)];
    }

    private void Return(Offer offer)
    {
        context.Rendezvous.Return(offer);
        // Nobody will take it any more; its client is to ask the next relay at once.
        if (context.IsDraining) context.Tunnels.Find(offer.Id)?.FailUnlessAccepted(TunnelEnd.NobodyListening);
    }

    /// <summary>The server has gone, or sends a body that cannot be gone on behind.</summary>
    private static ValueTask GiveUpAsync(ServerExchange exchange)
    {
        if (Problems.OfDroppedBody(exchange) is { } problem) return exchange.RespondAsync(problem);
        exchange.Abort();
        return ValueTask.CompletedTask;
    }
}
