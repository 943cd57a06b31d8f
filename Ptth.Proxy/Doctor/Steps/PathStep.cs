using Ptth.Proxy.Probes;

namespace Ptth.Proxy.Doctor.Steps;

/// <summary>A step that measures something of the path, and judges it.</summary>
/// <param name="name">Its word.</param>
/// <param name="measure">Measures.</param>
/// <param name="judge">Judges what was measured.</param>
internal sealed class PathStep<T>(string name, Func<Examination, CancellationToken, Task<T>> measure, Func<Examination, T, StepOutcome> judge) : IStep
    where T : PathMeasurement
{
    public string Name => name;

    public string Hint { get; init; } = "";

    public bool IsNeeded => false;

    public async Task<StepOutcome> RunAsync(Examination examination, CancellationToken cancellation)
    {
        T measured = await measure(examination, cancellation);
        if (measured.Answer is { } answer) examination.See(answer.Server, answer.Via);
        return measured.Outcome == ProbeOutcome.Measured ? judge(examination, measured) : WithoutMeasurement(examination, measured);
    }

    private static StepOutcome WithoutMeasurement(Examination examination, T measured)
    {
        if (measured.Outcome == ProbeOutcome.NotKnown) return StepOutcome.Skipped("this relay does not know it: it is older");
        string why = measured switch
        {
            { Outcome: ProbeOutcome.Late } => "nothing came in time",
            { Answer: { IsRelays: false } answer } => $"{Foreign.Line(answer.Server) ?? "something between here and the relay"} answered {answer.Status}",
            { Answer: { Status: 429 } } => "the relay answered 429, too many probes are under way; where another doctor runs with this key, wait for its end",
            { Answer: { Status: 503 } } => "the relay answered 503, it is shutting down; try again when it is back",
            { Answer: { } answer } => $"the relay answered {answer.Status}",
            _ => measured.Failure ?? "the connection broke",
        };
        // What was found already is reason enough, and told.
        return examination.Faults.Count > 0
            ? StepOutcome.Skipped($"cannot be measured ({why}) before this is mended: {string.Join(", ", examination.Faults)}")
            : StepOutcome.Failed($"cannot be measured: {why}");
    }
}
