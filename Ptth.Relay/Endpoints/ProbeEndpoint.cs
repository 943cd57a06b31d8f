using Ptth.Common.Protocol;
using Ptth.Http.Server;

namespace Ptth.Relay.Endpoints;

/// <summary>
/// <c>POST probe/{what}</c>: shows a proxy what the path to the relay does to requests and answers. <c>probe/upload</c> is answered as soon as
/// the body's first bytes are there: where the answer does not come while the body is open, something holds bodies back.
/// </summary>
internal sealed class ProbeEndpoint(RelayContext context)
{
    private static readonly HttpResponse Seen = new() { Status = 200, Fields = [Abilities.Field] };

    private readonly ProbeDownloadEndpoint _download = new(context);
    private readonly ProbeStreamEndpoint _stream = new(context);

    public ValueTask HandleAsync(ServerExchange exchange, Principal party, string what) => what switch
    {
        PtthPaths.ProbeUpload => HandleUploadAsync(exchange),
        PtthPaths.ProbeEcho => ProbeEchoEndpoint.HandleAsync(exchange, party, context.Time),
        PtthPaths.ProbeDownload => LimitAsync(exchange, party, _download.HandleAsync),
        PtthPaths.ProbeReports => LimitAsync(exchange, party, _stream.HandleReportsAsync),
        // It has its place with the reports.
        PtthPaths.ProbeStream => _stream.HandleAsync(exchange, party),
        _ => exchange.RespondAsync(Problems.UnknownPath),
    };

    private static async ValueTask HandleUploadAsync(ServerExchange exchange)
    {
        await exchange.WaitForBodyAsync();
        await exchange.RespondAsync(Seen);
    }

    private async ValueTask LimitAsync(ServerExchange exchange, Principal party, Func<ServerExchange, Principal, ValueTask> handle)
    {
        if (context.IsDraining)
        {
            await exchange.RespondAsync(Problems.Draining);
            return;
        }

        if (!context.Probes.Turns.TryTake(party))
        {
            RelayLog.Refused(context, exchange, Problems.TooManyProbes, party);
            await exchange.RespondAsync(Problems.TooManyProbes);
            return;
        }

        try
        {
            await handle(exchange, party);
        }
        finally
        {
            context.Probes.Turns.Return(party);
        }
    }
}
