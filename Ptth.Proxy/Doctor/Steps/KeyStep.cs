using System.Text.Json;
using Ptth.Common.Protocol;
using Ptth.Http.Client;
using Ptth.Http.Core;
using Ptth.Proxy.Doctor.Findings;
using Ptth.Proxy.Relaying;

namespace Ptth.Proxy.Doctor.Steps;

/// <summary>Asks whether the relay knows the key, and whose it is; and with that what the relay is and what time it is there.</summary>
internal sealed class KeyStep : IStep
{
    public string Name => "key";

    public bool IsNeeded => true;

    public async Task<StepOutcome> RunAsync(Examination examination, CancellationToken cancellation)
    {
        DateTimeOffset before = examination.Time.GetUtcNow();
        ClientExchange exchange = await examination.Relay.ProbeAsync(PtthPaths.ProbeEcho, [], TimeSpan.Zero, cancellation);
        DateTimeOffset after = examination.Time.GetUtcNow();
        ResponseHead head = exchange.Response;
        examination.See(Foreign.Field(head, "Server"u8), Foreign.Field(head, "Via"u8));
        if (head.Status != 200)
        {
            RelayRefusal refusal = await RelayClient.ReadRefusalAsync(exchange);
            return head.Status == 404 && refusal.Kind == RefusalKind.Request ? await AskOlderAsync(examination, cancellation) : StepOutcome.Failed(refusal.Text);
        }

        if (Read(await exchange.ReadBodyAsync(ProbeEcho.MaxBytes)) is not { } echo)
            return StepOutcome.Failed("the answer is not a relay's; check what stands between here and the relay");
        examination.ClockOffset = echo.Time - (before + ((after - before) / 2));
        string relay = $"the relay, {Foreign.Line(echo.Relay)}, knows it";
        return StepOutcome.Of(echo.Party == "server"
            ? $"{relay}: a server's, {Foreign.Line(echo.Name)}, for ptth-proxy server"
            : $"{relay}: a client's, {Foreign.Line(echo.Name)}, for ptth-proxy client");
    }

    /// <summary>A relay that has no echo is asked for something that servers alone may do.</summary>
    private static async Task<StepOutcome> AskOlderAsync(Examination examination, CancellationToken cancellation)
    {
        RelayAnswer answer = await examination.Relay.AskKeyAsync(cancellation);
        string? party = (answer.Head.Status, answer.Refusal!.Value.Kind) switch
        {
            (404, RefusalKind.Request) => "server",
            (403, RefusalKind.Request) => "client",
            _ => null,
        };
        return party is null
            ? StepOutcome.Failed(answer.Refusal.Value.Text)
            : StepOutcome.Of(
                $"the relay knows it: a {party}'s, for ptth-proxy {party}",
                examination.Find(FindingKind.OlderRelay, "the relay answers 404 to what shows the path (probe/echo)"));
    }

    private static ProbeEcho? Read(byte[]? body)
    {
        try
        {
            return body is null ? null : JsonSerializer.Deserialize(body, ProbeJson.Default.ProbeEcho);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
