using Ptth.Http.Transport;
using Ptth.Proxy.Configuration;
using Ptth.Proxy.Doctor.Report;
using Ptth.Proxy.Doctor.Steps;

namespace Ptth.Proxy.Doctor;

/// <summary>Looks at a relay and at the way to it, step by step.</summary>
internal static class Examiner
{
    private static readonly IStep[] Steps =
    [
        new NameStep(),
        new TcpStep(),
        new HttpProxyStep(),
        new TlsStep(),
        new RelayStep(),
        new KeyStep(),
        new ClockStep(),
    ];

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
        foreach (IStep step in Steps)
        {
            if (ended is not null)
            {
                reports.Add(new StepReport(step.Name, StepOutcome.Skipped(ended), TimeSpan.Zero));
                continue;
            }

            progress.Begin(step.Name);
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
}
