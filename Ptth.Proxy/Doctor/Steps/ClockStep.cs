using System.Globalization;
using Ptth.Proxy.Doctor.Findings;

namespace Ptth.Proxy.Doctor.Steps;

/// <summary>Compares this machine's clock with the relay's.</summary>
internal sealed class ClockStep : IStep
{
    /// <summary>A clock that is kept right is much nearer; an older relay's Date field tells half a second more or less.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(5);

    public string Name => "clock";

    public bool IsNeeded => false;

    public Task<StepOutcome> RunAsync(Examination examination, CancellationToken cancellation) => Task.FromResult(Compare(examination));

    private static StepOutcome Compare(Examination examination)
    {
        if (examination.ClockOffset is not { } offset) return StepOutcome.Skipped("no answer has told the time");
        double seconds = Math.Abs(offset.TotalSeconds);
        string apart = string.Create(CultureInfo.InvariantCulture, $"this machine's clock is {seconds:0.#} s {(offset > TimeSpan.Zero ? "behind" : "ahead of")} the relay's");
        StepOutcome outcome = offset.Duration() <= Tolerance
            ? StepOutcome.Of(string.Create(CultureInfo.InvariantCulture, $"this machine's and the relay's agree, to within {Math.Max(0.1, Math.Ceiling(seconds * 10) / 10):0.#} s"))
            : StepOutcome.Of(apart, examination.Find(FindingKind.Clock, apart));
        return outcome with { Measured = new Dictionary<string, double> { ["relay_ahead_seconds"] = Math.Round(offset.TotalSeconds, 3) } };
    }
}
