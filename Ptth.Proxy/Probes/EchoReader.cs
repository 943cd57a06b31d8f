using System.Text.Json;
using Ptth.Common.Protocol;
using Ptth.Http.Client;

namespace Ptth.Proxy.Probes;

/// <summary>Reads the answer to a <c>probe/echo</c>.</summary>
internal static class EchoReader
{
    /// <summary>Sends one, and reads what it says.</summary>
    /// <exception cref="ProbeRefusedException">It was refused.</exception>
    /// <exception cref="ExchangeException">There is no usable answer.</exception>
    public static async Task<ProbeEcho> AskAsync(ProbeRun run) => await ReadAsync(run, await run.GetAsync(PtthPaths.ProbeEcho, TimeSpan.Zero));

    /// <summary>Reads what the answer with status 200 says, and ends the exchange.</summary>
    /// <exception cref="ProbeRefusedException">It is not a relay's.</exception>
    /// <exception cref="ExchangeException">It broke off.</exception>
    public static async Task<ProbeEcho> ReadAsync(ProbeRun run, ClientExchange exchange)
    {
        byte[] body = await exchange.ReadAnswerBodyAsync(ProbeEcho.MaxBytes) ?? throw new ExchangeException("the answer broke off");
        run.Finish(exchange);
        try
        {
            if (JsonSerializer.Deserialize(body, ProbeJson.Default.ProbeEcho) is { } echo) return echo;
        }
        catch (JsonException)
        {
            // A page, or another program's answer.
        }

        throw new ProbeRefusedException(PathAnswer.Of(exchange.Response));
    }
}
