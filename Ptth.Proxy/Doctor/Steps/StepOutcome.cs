using Ptth.Proxy.Doctor.Findings;

namespace Ptth.Proxy.Doctor.Steps;

/// <summary>What came of a step.</summary>
/// <param name="Result">How it came out.</param>
/// <param name="Text">In a line; with the remedy where it failed.</param>
internal sealed record StepOutcome(StepResult Result, string Text)
{
    /// <summary>What was found.</summary>
    public IReadOnlyList<Finding> Findings { get; private init; } = [];

    /// <summary>Numbers, by names that say their unit.</summary>
    public IReadOnlyDictionary<string, double> Measured { get; init; } = new Dictionary<string, double>();

    /// <summary>It came to its end.</summary>
    public static StepOutcome Of(string text, params IReadOnlyList<Finding> findings) =>
        new(findings.Count == 0 ? StepResult.Ok : StepResult.Found, text) { Findings = findings };

    /// <summary>It did not.</summary>
    public static StepOutcome Failed(string text) => new(StepResult.Failed, text);

    /// <summary>There was nothing to do.</summary>
    public static StepOutcome Skipped(string text) => new(StepResult.Skipped, text);
}
