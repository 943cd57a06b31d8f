using Ptth.Common.Net;
using Ptth.Proxy.Doctor.Findings;
using Ptth.Proxy.Doctor.Steps;

namespace Ptth.Proxy.Doctor;

/// <summary>All that the doctor has to say.</summary>
/// <param name="Relay">The relay that was looked at.</param>
/// <param name="Steps">Every step, in its order.</param>
internal sealed record Diagnosis(RelayUrl Relay, IReadOnlyList<StepReport> Steps)
{
    /// <summary>What was found, faults first.</summary>
    public IReadOnlyList<Finding> Findings => [.. Steps.SelectMany(static step => step.Outcome.Findings).OrderByDescending(static finding => finding.Weight)];

    /// <summary>The steps that could not come to their end.</summary>
    public IEnumerable<StepReport> Failures => Steps.Where(static step => step.Outcome.Result == StepResult.Failed);

    /// <summary>Whether every step came to its end and nothing was found.</summary>
    public bool IsHealthy => Findings.Count == 0 && !Failures.Any();
}
