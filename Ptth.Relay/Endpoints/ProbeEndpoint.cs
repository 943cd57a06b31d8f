using Ptth.Common.Protocol;
using Ptth.Http.Server;

namespace Ptth.Relay.Endpoints;

/// <summary>
/// <c>POST probe/{what}</c>: shows a proxy what the path to the relay does to a request. <c>probe/upload</c> is answered as soon as the body's
/// first bytes are there: where the answer does not come while the body is open, something holds bodies back.
/// </summary>
internal static class ProbeEndpoint
{
    private static readonly HttpResponse Seen = new() { Status = 200, Fields = [Abilities.Field] };

    public static async ValueTask HandleAsync(ServerExchange exchange, string what)
    {
        if (what != PtthPaths.ProbeUpload)
        {
            await exchange.RespondAsync(Problems.UnknownPath);
            return;
        }

        await exchange.WaitForBodyAsync();
        await exchange.RespondAsync(Seen);
    }
}
