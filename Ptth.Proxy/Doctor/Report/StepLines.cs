using System.Globalization;
using Ptth.Proxy.Doctor.Steps;

namespace Ptth.Proxy.Doctor.Report;

/// <summary>Writes a line for each step when it is over; on a terminal also while it is under way.</summary>
/// <param name="output">Where it is written.</param>
/// <param name="isTerminal">Whether the line can be drawn anew.</param>
internal sealed class StepLines(TextWriter output, bool isTerminal) : IDoctorProgress
{
    // ECMA-48: the rest of the line gone.
    private const string ClearLine = "\u001b[K";
    private const int NameWidth = 19;
    private const int ResultWidth = 8;

    /// <inheritdoc/>
    public void Begin(IStep step)
    {
        if (!isTerminal) return;
        output.Write($"{step.Name,-NameWidth}… {step.Hint}");
        output.Flush();
    }

    /// <inheritdoc/>
    public void End(StepReport step)
    {
        StepOutcome outcome = step.Outcome;
        string start = isTerminal ? $"\r{ClearLine}" : "";
        output.WriteLine($"{start}{step.Name,-NameWidth}{WordOf(outcome.Result),-ResultWidth}{outcome.Text}{TimeOf(step)}");
        output.Flush();
    }

    private static string TimeOf(StepReport step) => step.Outcome.Result == StepResult.Skipped
        ? ""
        : string.Create(CultureInfo.InvariantCulture, $" ({step.Elapsed.TotalSeconds:0.00} s)");

    private static string WordOf(StepResult result) => result switch
    {
        StepResult.Ok => "ok",
        StepResult.Found => "FOUND",
        StepResult.Failed => "FAILED",
        _ => "-",
    };
}
