using Ptth.Http.Core;
using Ptth.Http.Server;
using Ptth.Http.Transport;

namespace Ptth.Relay.Admin;

/// <summary><c>GET /api/v1/events</c>: the status, now and each second, as server-sent events (HTML, section 9.2).</summary>
internal static class EventsEndpoint
{
    public static async ValueTask HandleAsync(ServerExchange exchange, StatusFeed feed)
    {
        if (exchange.Request.Version == ProtocolVersion.Http10)
        {
            await exchange.RespondAsync(AdminAnswers.NeedsHttp11);
            return;
        }

        if (!feed.TryOpen())
        {
            await exchange.RespondAsync(AdminAnswers.TooManyStreams);
            return;
        }

        try
        {
            CancellationToken gone = exchange.WatchPeer();
            using ResponsePieces pieces = await exchange.StartPiecesAsync("text/event-stream", AdminAnswers.Fields);
            while (true)
            {
                (ReadOnlyMemory<byte> status, Task next) = feed.Newest();
                await pieces.SendAsync(status);
                await next.WaitAsync(gone);
            }
        }
        catch (Exception failure) when (Connection.IsConnectionFailure(failure))
        {
            exchange.Abort();
        }
        finally
        {
            feed.Close();
        }
    }
}
