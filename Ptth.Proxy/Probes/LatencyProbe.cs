using Ptth.Proxy.Relaying;

namespace Ptth.Proxy.Probes;

/// <summary>Measures round trips: of requests, and of small messages on open streams, which are to take no longer.</summary>
internal sealed class LatencyProbe(RelayClient relay, TimeProvider time)
{
    /// <summary>Odd, so that the median is one of them; after one more that does not count, since it opens connections.</summary>
    private const int Rounds = 11;

    private const int MessageBytes = 64;

    /// <summary>How long the first message may take.</summary>
    private static readonly TimeSpan ArrivalTime = TimeSpan.FromSeconds(3);

    /// <summary>A second a round trip.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    /// <summary>Runs it.</summary>
    public Task<Latency> RunAsync(CancellationToken cancellation) =>
        ProbeRun.RunAsync(relay, time, Bound, new Latency { Outcome = ProbeOutcome.Late }, MeasureAsync, cancellation);

    private static async Task<Latency> MeasureAsync(ProbeRun run)
    {
        TimeSpan request = await MedianAsync(run, async () => await EchoReader.AskAsync(run));
        using ProbeUpload upload = await ProbeUpload.OpenAsync(run);
        // The first message tells whether streams are held back; then there is nothing to measure.
        Task first = SendAndHearAsync(upload);
        if (!await run.ReadsAsync(first, ArrivalTime)) return new Latency { Outcome = ProbeOutcome.Late, Request = request };
        await first;
        TimeSpan stream = await MedianAsync(run, () => SendAndHearAsync(upload));
        return new Latency { Outcome = ProbeOutcome.Measured, Request = request, Stream = stream, Rounds = Rounds };
    }

    private static async Task SendAndHearAsync(ProbeUpload upload)
    {
        await upload.SendAsync(MessageBytes);
        if (!await upload.ReadReportsAsync(upload.Sent) || upload.Report.Bytes < upload.Sent) throw await upload.WhyCutAsync();
    }

    private static async Task<TimeSpan> MedianAsync(ProbeRun run, Func<Task> round)
    {
        await round();
        TimeSpan[] times = new TimeSpan[Rounds];
        for (int i = 0; i < Rounds; i++)
        {
            long began = run.Time.GetTimestamp();
            await round();
            times[i] = run.Time.GetElapsedTime(began);
        }

        Array.Sort(times);
        return times[Rounds / 2];
    }
}
