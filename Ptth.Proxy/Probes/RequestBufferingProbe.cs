using Ptth.Common.Protocol;
using Ptth.Http.Client;
using Ptth.Http.Flow;
using Ptth.Proxy.Relaying;

namespace Ptth.Proxy.Probes;

/// <summary>
/// Begins a body, and looks whether the relay reports its first bytes while it is open. Where it does not, the body is ended: the answer
/// that comes then says who held it back. Where the reports are held back themselves, or the relay has none to give, an answer to a body's first
/// bytes has to do: there are those that hand a body on and look at the answer only behind its end.
/// </summary>
internal sealed class RequestBufferingProbe(RelayClient relay, TimeProvider time)
{
    /// <summary>How long an answer may take: more than a round trip to anywhere.</summary>
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(2);

    /// <summary>The waits of both ways to look, and less than an answer may take that never comes.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(12);

    /// <summary>Runs it.</summary>
    public Task<RequestBuffering> RunAsync(CancellationToken cancellation) =>
        ProbeRun.RunAsync(relay, time, Bound, new RequestBuffering { Outcome = ProbeOutcome.Late }, MeasureAsync, cancellation);

    private static async Task<RequestBuffering> MeasureAsync(ProbeRun run)
    {
        ProbeUpload upload;
        try
        {
            upload = await ProbeUpload.OpenAsync(run);
        }
        catch (ProbeRefusedException refused) when (refused.Answer is { IsRelays: true, Status: 404 or 429 })
        {
            // An older relay; or one whose places are all taken: nobody who holds them is to keep others from finding out how their bytes may go.
            return await ByAnswerAsync(run);
        }

        using (upload) return await ByReportsAsync(run, upload);
    }

    private static async Task<RequestBuffering> ByReportsAsync(ProbeRun run, ProbeUpload upload)
    {
        await upload.SendAsync(ProbeReport.Length);
        Task<bool> arriving = upload.ReadReportsAsync(upload.Sent);
        run.Track(arriving);
        await run.ComesAsync(Task.WhenAny(arriving, upload.Answered), AnswerTime);
        if (upload.Report.Bytes >= upload.Sent) return Found(isHeld: false, null);
        if (arriving.IsCompleted || upload.Answered.IsCompleted) throw await upload.WhyCutAsync();
        if (!upload.HasReports) return await ByAnswerAsync(run);
        await upload.EndAsync();
        if (!await run.ComesAsync(upload.Answered, AnswerTime)) return new RequestBuffering { Outcome = ProbeOutcome.Late };
        return Found(isHeld: true, await upload.Answer);
    }

    private static async Task<RequestBuffering> ByAnswerAsync(ProbeRun run)
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

        return Found(isHeld, await answer);
    }

    private static RequestBuffering Found(bool isHeld, PathAnswer? answer) => answer is null or { Status: 200 }
        ? new RequestBuffering { Outcome = ProbeOutcome.Measured, IsHeld = isHeld, Answer = answer }
        : throw new ProbeRefusedException(answer);
}
