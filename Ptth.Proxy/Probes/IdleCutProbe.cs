using Ptth.Common.Protocol;
using Ptth.Http.Client;
using Ptth.Http.Flow;
using Ptth.Http.Transport;
using Ptth.Proxy.Relaying;

namespace Ptth.Proxy.Probes;

/// <summary>Lets an answer's body and a request's body rest at the same time, and looks whether both go on after that.</summary>
/// <param name="relay">The relay.</param>
/// <param name="time">The clock.</param>
/// <param name="wait">How long they rest, at most <see cref="ProbeOrder.MaxPause"/>.</param>
internal sealed class IdleCutProbe(RelayClient relay, TimeProvider time, TimeSpan wait)
{
    private const int MessageBytes = 64;

    /// <summary>How long bytes may take to come: longer means that the connection is dead and nobody said so.</summary>
    private static readonly TimeSpan ArrivalTime = TimeSpan.FromSeconds(5);

    /// <summary>Runs it.</summary>
    public Task<IdleCut> RunAsync(CancellationToken cancellation) => ProbeRun.RunAsync(
        relay, time, wait + (4 * ArrivalTime), new IdleCut { Outcome = ProbeOutcome.Late }, MeasureAsync, cancellation);

    private async Task<IdleCut> MeasureAsync(ProbeRun run)
    {
        Task<IdleDirection> down = DownAsync(run), up = UpAsync(run);
        await Task.WhenAll(down, up);
        return new IdleCut { Outcome = ProbeOutcome.Measured, Waited = wait, Down = await down, Up = await up, Answer = (await down).Answer ?? (await up).Answer };
    }

    private async Task<IdleDirection> DownAsync(ProbeRun run)
    {
        long asked = run.Time.GetTimestamp();
        ClientExchange exchange = await run.AskAsync(PtthPaths.ProbeDownload, wait, ProbeDownload.FieldOf(new ProbeOrder(wait, MessageBytes, IsBare: false)));
        var answer = PathAnswer.Of(exchange.Response);
        if (answer.Status != 200)
        {
            // Where answers are held back, it is the head that does not come in time; what is refused is refused at once.
            TimeSpan after = run.Time.GetElapsedTime(asked);
            return answer.Status is 408 or 502 or 504 && after >= ArrivalTime / 5
                ? new IdleDirection(ProbeOutcome.Measured, StreamCut.Answered, after, answer)
                : throw new ProbeRefusedException(answer);
        }

        var download = ProbeDownload.Of(exchange);
        await download.ReadPastAsync(0);
        long first = run.Time.GetTimestamp();
        Task<BodyStep> reading = download.ReadPastAsync(ProbeOrder.FirstBytes);
        StreamCut cut = StreamCut.Silent;
        if (await run.ReadsAsync(reading, wait + ArrivalTime))
        {
            cut = download.Bytes > ProbeOrder.FirstBytes ? StreamCut.None : await reading == BodyStep.End ? StreamCut.Ended : StreamCut.Broken;
        }

        return new IdleDirection(ProbeOutcome.Measured, cut, cut == StreamCut.None ? default : run.Time.GetElapsedTime(first), answer);
    }

    /// <summary>Whether what is sent after the rest arrives.</summary>
    private static async Task<bool> GoesOnAsync(ProbeRun run, ProbeUpload upload, Task going)
    {
        try
        {
            await upload.SendAsync(MessageBytes);
        }
        catch (Exception failure) when (Connection.IsConnectionFailure(failure))
        {
            return false;
        }

        await run.ComesAsync(Task.WhenAny(upload.Answered, going), ArrivalTime);
        return upload.Report.Bytes >= upload.Sent;
    }

    private async Task<IdleDirection> UpAsync(ProbeRun run)
    {
        using ProbeUpload upload = await ProbeUpload.OpenAsync(run);
        await upload.SendAsync(MessageBytes);
        // Bodies are held back: there is no stream that could rest.
        if (!await run.ReadsAsync(upload.ReadReportsAsync(upload.Sent), ArrivalTime)) return IdleDirection.NotMeasured;
        long began = run.Time.GetTimestamp();
        // Complete when the next message is there, or the stream has ended.
        Task<bool> going = upload.ReadReportsAsync(2 * MessageBytes);
        run.Track(going);
        bool isCut = await run.ComesAsync(Task.WhenAny(upload.Answered, going), wait);
        TimeSpan after = run.Time.GetElapsedTime(began);
        if (!isCut)
        {
            bool goesOn = await GoesOnAsync(run, upload, going);
            if (goesOn || !(upload.Answered.IsCompleted || going.IsCompleted))
                return new IdleDirection(ProbeOutcome.Measured, goesOn ? StreamCut.None : StreamCut.Silent, goesOn ? default : after, null);
        }

        (StreamCut cut, PathAnswer? answer) = await StreamSender.CutAsync(run, upload);
        return new IdleDirection(ProbeOutcome.Measured, cut, after, answer);
    }
}
