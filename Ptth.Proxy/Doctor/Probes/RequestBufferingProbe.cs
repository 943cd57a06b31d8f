using Ptth.Common.Protocol;
using Ptth.Http.Client;
using Ptth.Http.Flow;
using Ptth.Proxy.Relaying;

namespace Ptth.Proxy.Doctor.Probes;

/// <summary>
/// Begins a body, and looks whether the relay's answer to its first bytes comes while it is open. Where it does not, the body is ended: the answer
/// that comes then says who held it back.
/// </summary>
internal sealed class RequestBufferingProbe(RelayClient relay, TimeProvider time)
{
    /// <summary>How long an answer may take: more than a round trip to anywhere.</summary>
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    /// <summary>Runs it.</summary>
    public Task<RequestBuffering> RunAsync(CancellationToken cancellation) =>
        ProbeRun.RunAsync(relay, time, Bound, new RequestBuffering { Outcome = ProbeOutcome.Late }, MeasureAsync, cancellation);

    private static async Task<RequestBuffering> MeasureAsync(ProbeRun run)
    {
        ClientExchange exchange = await run.StartAsync(PtthPaths.ProbeUpload);
        Task<PathAnswer> answer = run.ReadAnswerAsync(exchange);
        using PieceSender body = exchange.OpenRequestPieces();
        await body.SendAsync(ProbeBytes.At(0, ProbeReport.Length));
        bool isHeld = !await run.ComesAsync(answer, AnswerTime);
        if (isHeld)
        {
            await body.EndAsync();
            exchange.EndRequestBody();
            if (!await run.ComesAsync(answer, AnswerTime)) return new RequestBuffering { Outcome = ProbeOutcome.Late };
        }

        return (await answer).Status == 200
            ? new RequestBuffering { Outcome = ProbeOutcome.Measured, IsHeld = isHeld, Answer = await answer }
            : throw new ProbeRefusedException(await answer);
    }
}
