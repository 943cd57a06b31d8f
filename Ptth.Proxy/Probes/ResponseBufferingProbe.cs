using Ptth.Common.Protocol;
using Ptth.Proxy.Relaying;

namespace Ptth.Proxy.Probes;

/// <summary>
/// Asks for an answer with a pause in it: where the bytes in front of the pause come together with those behind it, something has held them back.
/// </summary>
internal sealed class ResponseBufferingProbe(RelayClient relay, TimeProvider time)
{
    /// <summary>Longer than what else delays bytes.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Two tries, each with its pause and a slow way there.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    /// <summary>Runs it.</summary>
    public Task<ResponseBuffering> RunAsync(CancellationToken cancellation) =>
        ProbeRun.RunAsync(relay, time, Bound, new ResponseBuffering { Outcome = ProbeOutcome.Late }, MeasureAsync, cancellation);

    private static async Task<ResponseBuffering> MeasureAsync(ProbeRun run)
    {
        Task<bool> asked = IsHeldAsync(run, isBare: false), unasked = IsHeldAsync(run, isBare: true);
        await Task.WhenAll(asked, unasked);
        return new ResponseBuffering { Outcome = ProbeOutcome.Measured, IsHeld = await asked, IsHeldUnasked = await unasked };
    }

    /// <summary>Held is what is held twice: bytes may be late once for other reasons.</summary>
    private static async Task<bool> IsHeldAsync(ProbeRun run, bool isBare) => await IsHeldOnceAsync(run, isBare) && await IsHeldOnceAsync(run, isBare);

    private static async Task<bool> IsHeldOnceAsync(ProbeRun run, bool isBare)
    {
        ProbeDownload download = await ProbeDownload.OpenAsync(run, new ProbeOrder(Pause, ProbeOrder.FirstBytes, isBare));
        await download.ReadPastAsync(ProbeOrder.FirstBytes - 1);
        long first = run.Time.GetTimestamp();
        await download.ReadPastAsync(ProbeOrder.FirstBytes);
        TimeSpan between = run.Time.GetElapsedTime(first);
        if (download.Bytes <= ProbeOrder.FirstBytes) throw new IOException($"an answer broke off after {download.Bytes} bytes");
        return between < Pause / 2;
    }
}
