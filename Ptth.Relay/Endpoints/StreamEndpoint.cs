using Ptth.Http.Flow;
using Ptth.Http.Server;
using Ptth.Http.Transport;
using Ptth.Relay.Tunnels;

namespace Ptth.Relay.Endpoints;

/// <summary><c>POST upstream/{id}</c> and <c>POST downstream/{id}</c>: one party's bytes, as the request's body.</summary>
internal sealed class StreamEndpoint(RelayContext context)
{
    private readonly HttpResponse _allHandedOn = new() { Status = 200, Fields = [context.Identity] };

    private readonly SegmentEndpoint _segments = new(context);

    public ValueTask HandleAsync(ServerExchange exchange, Tunnel tunnel, TunnelDirection direction) => SegmentEndpoint.IsSegment(exchange.Request)
        ? _segments.HandleAsync(exchange, tunnel, direction)
        : HandleStreamAsync(exchange, tunnel, direction);

    private async ValueTask HandleStreamAsync(ServerExchange exchange, Tunnel tunnel, TunnelDirection direction)
    {
        JoinResult joined = tunnel.TryJoin(direction, exchange);
        if (joined != JoinResult.Joined)
        {
            await exchange.RespondAsync(joined == JoinResult.Taken ? Problems.Taken : Problems.Gone);
            return;
        }

        try
        {
            FlowSource source = await exchange.OpenBodyAsync();
            FlowResult result = await direction.AttachSource(source);
            await EndAsync(exchange, result);
        }
        catch (Exception failure) when (Connection.IsConnectionFailure(failure))
        {
            tunnel.Fail(direction == tunnel.Up ? TunnelEnd.ClientBroke : TunnelEnd.ServerBroke);
            throw;
        }
    }

    private async ValueTask EndAsync(ServerExchange exchange, FlowResult result)
    {
        switch (result.End)
        {
            case FlowEnd.Clean:
                exchange.EndBody();
                await exchange.RespondAsync(_allHandedOn);
                break;
            case FlowEnd.SourceInvalid:
                RelayLog.InvalidStream(context.Logger, exchange.RemoteEndPoint, result.Violation);
                await exchange.RespondInvalidBodyAsync(Problems.OfViolation(result.Violation));
                break;
            default:
                exchange.Abort();
                break;
        }
    }
}
