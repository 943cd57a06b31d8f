using Ptth.Common.Protocol;
using Ptth.Http.Transport;
using Ptth.Proxy.Configuration;
using Ptth.Proxy.Doctor.Judging;
using Ptth.Proxy.Doctor.Report;
using Ptth.Proxy.Doctor.Steps;
using Ptth.Proxy.Probes;

namespace Ptth.Proxy.Doctor;

/// <summary>Looks at a relay and at the way to it, step by step.</summary>
internal static class Examiner
{
    /// <summary>As long as what the relay takes of one body: whoever has a bound mostly has a smaller one.</summary>
    private const long LongBodyBytes = ProbeOrder.MaxBytes;

    /// <summary>Takes all steps, until one fails that the others need.</summary>
    /// <param name="config">What is to be looked at.</param>
    /// <param name="progress">Is told as it goes on.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Ends it before its time: with what is known by then.</param>
    public static async Task<Diagnosis> RunAsync(DoctorConfig config, IDoctorProgress progress, TimeProvider time, CancellationToken cancellation)
    {
        using var examination = new Examination(config, time);
        var reports = new List<StepReport>();
        string? ended = null;
        foreach (IStep step in StepsOf(config))
        {
            if (ended is not null)
            {
                reports.Add(new StepReport(step.Name, StepOutcome.Skipped(ended), TimeSpan.Zero));
                continue;
            }

            progress.Begin(step);
            long start = time.GetTimestamp();
            StepOutcome outcome = await TakeAsync(step, examination, cancellation);
            var report = new StepReport(step.Name, outcome, time.GetElapsedTime(start));
            progress.End(report);
            reports.Add(report);
            if (cancellation.IsCancellationRequested) ended = "not come to: it was ended before";
            else if (step.IsNeeded && outcome.Result == StepResult.Failed) ended = $"not come to, since {step.Name} failed";
        }

        return new Diagnosis(config.Relay, reports);
    }

    private static async Task<StepOutcome> TakeAsync(IStep step, Examination examination, CancellationToken cancellation)
    {
        try
        {
            return await step.RunAsync(examination, cancellation);
        }
        catch (Exception failure) when (Connection.IsConnectionFailure(failure))
        {
            return StepOutcome.Failed(cancellation.IsCancellationRequested ? "it was ended" : failure.Message);
        }
    }

    private static IEnumerable<IStep> StepsOf(DoctorConfig config) =>
    [
        new NameStep(),
        new TcpStep(),
        new HttpProxyStep(),
        new TlsStep(),
        new RelayStep(),
        new KeyStep(),
        new ClockStep(),
        new PathStep<Chunking>("http", static (at, cancellation) => new ChunkingProbe(at.Relay, at.Time).RunAsync(cancellation), ChunkingJudgement.Of),
        new PathStep<KeepAlive>("connections", static (at, cancellation) => new KeepAliveProbe(at.Relay, at.Time).RunAsync(cancellation), KeepAliveJudgement.Of),
        new PathStep<ResponseBuffering>(
            "response-buffering", static (at, cancellation) => new ResponseBufferingProbe(at.Relay, at.Time).RunAsync(cancellation), BufferingJudgement.OfResponses),
        new PathStep<RequestBuffering>(
            "request-buffering", static (at, cancellation) => new RequestBufferingProbe(at.Relay, at.Time).RunAsync(cancellation), BufferingJudgement.OfRequests),
        new PathStep<BreakPassing>("breaks", static (at, cancellation) => new BreakProbe(at.Relay, at.Time).RunAsync(cancellation), BreakJudgement.Of),
        new PathStep<Latency>("latency", static (at, cancellation) => new LatencyProbe(at.Relay, at.Time).RunAsync(cancellation), LatencyJudgement.Of),
        new PathStep<SizeCap>(
            "size-cap", static (at, cancellation) => new SizeCapProbe(at.Relay, at.Time, LongBodyBytes).RunAsync(cancellation), SizeCapJudgement.Of),
        config.MeasuresThroughput
            ? new PathStep<Throughput>(
                "throughput", static (at, cancellation) => new ThroughputProbe(at.Relay, at.Time, LongBodyBytes).RunAsync(cancellation), static (_, measured) => ThroughputJudgement.Of(measured))
            : new UntriedStep("throughput", "not measured, by --no-throughput"),
        config.Idle > TimeSpan.Zero
            ? new PathStep<IdleCut>(
                "idle-cut", static (at, cancellation) => new IdleCutProbe(at.Relay, at.Time, at.Config.Idle).RunAsync(cancellation), IdleCutJudgement.Of)
            {
                Hint = $"streams rest for {config.Idle.TotalSeconds:0} s; Ctrl-C ends it with what is known",
            }
            : new UntriedStep("idle-cut", "not tried, by --idle 0"),
    ];
}
