using Ptth.Http.Flow;
using Ptth.Http.Server;
using Ptth.Http.Transport;
using Ptth.Relay.Tunnels;

namespace Ptth.Relay.Endpoints;

/// <summary><c>POST accept/{id}</c>: a server takes the connection; the answer is the server's half of the upstream.</summary>
internal sealed class AcceptEndpoint(RelayContext context)
{
    public async ValueTask HandleAsync(ServerExchange exchange, Principal server, Tunnel tunnel)
    {
        JoinResult joined = tunnel.TryAccept(
            exchange, context.Ticker.DeadlineIn(server.Source.Config.Timeouts.Attach), HandedOn.AgreedIn(exchange.Request.Fields));
        if (joined != JoinResult.Joined)
        {
            await exchange.RespondAsync(joined == JoinResult.Taken ? Problems.Taken : Problems.Gone);
            return;
        }

        tunnel.ServerKey = server.Key;
        tunnel.EndIfKeyIsGone();
        CancellationToken gone = exchange.WatchPeer();
        using CancellationTokenRegistration onGone =
            gone.Register(static state => ((Tunnel)state!).OnReceiverGone(((Tunnel)state!).Up), tunnel);
        try
        {
            FlowSink sink = await exchange.StartStreamAsync([context.Identity, Abilities.Field]);
            FlowResult result = await tunnel.Up.AttachSink(sink);
            if (result.IsClean) exchange.EndStream();
            else exchange.Abort();
        }
        catch (Exception failure) when (Connection.IsConnectionFailure(failure))
        {
            tunnel.Fail(TunnelEnd.ServerBroke);
            throw;
        }
    }
}
