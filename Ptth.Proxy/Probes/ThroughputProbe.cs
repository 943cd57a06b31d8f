using Ptth.Common.Protocol;
using Ptth.Http.Flow;
using Ptth.Proxy.Relaying;

namespace Ptth.Proxy.Probes;

/// <summary>Moves bytes down and then up, as many as go within a time and a number.</summary>
/// <param name="relay">The relay.</param>
/// <param name="time">The clock.</param>
/// <param name="bytes">The most bytes in each direction, at most <see cref="ProbeOrder.MaxBytes"/>.</param>
internal sealed class ThroughputProbe(RelayClient relay, TimeProvider time, long bytes)
{
    /// <summary>Each direction's sender stops after <see cref="ProbeOrder.MaxTime"/>; what is under way then still has to come.</summary>
    private static readonly TimeSpan Bound = (2 * ProbeOrder.MaxTime) + TimeSpan.FromSeconds(30);

    /// <summary>Runs it.</summary>
    public Task<Throughput> RunAsync(CancellationToken cancellation) =>
        ProbeRun.RunAsync(relay, time, Bound, new Throughput { Outcome = ProbeOutcome.Late }, MeasureAsync, cancellation);

    private async Task<Throughput> MeasureAsync(ProbeRun run)
    {
        StreamRate down = await DownAsync(run);
        StreamRate up = await StreamSender.RunAsync(run, bytes);
        return new Throughput { Outcome = ProbeOutcome.Measured, Down = down, Up = up };
    }

    private async Task<StreamRate> DownAsync(ProbeRun run)
    {
        ProbeDownload download = await ProbeDownload.OpenAsync(run, new ProbeOrder(default, bytes, IsBare: false));
        await download.ReadPastAsync(0);
        long first = download.Bytes;
        long began = run.Time.GetTimestamp();
        BodyStep step = await download.ReadPastAsync(long.MaxValue);
        StreamCut cut = step == BodyStep.End ? StreamCut.None : StreamCut.Broken;
        return new StreamRate(ProbeOutcome.Measured, download.Bytes, run.Time.GetElapsedTime(began), cut, download.Answer)
        {
            Sent = bytes,
            Uncounted = first,
        };
    }
}
