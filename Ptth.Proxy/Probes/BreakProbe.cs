using Ptth.Common.Protocol;
using Ptth.Http.Flow;
using Ptth.Proxy.Relaying;

namespace Ptth.Proxy.Probes;

/// <summary>Has the relay break an answer off, breaks a request's body off, and looks whether each is a break at the other side.</summary>
internal sealed class BreakProbe(RelayClient relay, TimeProvider time)
{
    private const int MessageBytes = 64;

    /// <summary>So that whoever hands an answer on has begun to before it breaks: else it would be a bad gateway's.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>How long bytes, or the news of a break, may take.</summary>
    private static readonly TimeSpan ArrivalTime = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    /// <summary>Runs it.</summary>
    public Task<BreakPassing> RunAsync(CancellationToken cancellation) =>
        ProbeRun.RunAsync(relay, time, Bound, new BreakPassing { Outcome = ProbeOutcome.Late }, MeasureAsync, cancellation);

    private static async Task<BreakPassing> MeasureAsync(ProbeRun run)
    {
        StreamCut[] cuts = await Task.WhenAll(DownAsync(run), UpAsync(run));
        (StreamCut down, StreamCut up) = (cuts[0], cuts[1]);
        // The relay is older, mostly; what was found of bodies is found all the same.
        bool isKnown = down != StreamCut.None || up == StreamCut.Ended;
        return new BreakPassing { Outcome = isKnown ? ProbeOutcome.Measured : ProbeOutcome.NotKnown, Down = down, Up = up };
    }

    /// <summary>None where the relay broke nothing off.</summary>
    private static async Task<StreamCut> DownAsync(ProbeRun run)
    {
        ProbeDownload download = await ProbeDownload.OpenAsync(run, new ProbeOrder(Pause, MessageBytes, IsBare: false, Breaks: true));
        await download.ReadPastAsync(0);
        long first = run.Time.GetTimestamp();
        Task<BodyStep> ending = download.ReadPastAsync(long.MaxValue);
        if (!await run.ReadsAsync(ending, Pause + ArrivalTime)) return StreamCut.Silent;
        if (await ending != BodyStep.End) return StreamCut.Broken;
        // All of it: the relay is older. At once: it saw nothing of what it was asked for, or something holds answers back.
        return download.Bytes > ProbeOrder.FirstBytes || run.Time.GetElapsedTime(first) < Pause / 2 ? StreamCut.None : StreamCut.Ended;
    }

    private static async Task<StreamCut> UpAsync(ProbeRun run)
    {
        using ProbeUpload upload = await ProbeUpload.OpenAsync(run);
        await upload.SendAsync(MessageBytes);
        // Bodies are held back: the relay would see nothing of one that breaks off.
        if (!await run.ReadsAsync(upload.ReadReportsAsync(upload.Sent), ArrivalTime)) return StreamCut.None;
        upload.Abort();
        if (!await run.ReadsAsync(upload.ReadReportsAsync(long.MaxValue), ArrivalTime)) return StreamCut.Silent;
        return upload.Report.End switch
        {
            ProbeReportEnd.Clean => StreamCut.Ended,
            ProbeReportEnd.Broken => StreamCut.Broken,
            _ => StreamCut.None,
        };
    }
}
