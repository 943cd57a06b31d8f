using Ptth.Proxy.Doctor.Steps;

namespace Ptth.Proxy.Doctor;

/// <summary>A step that is over, or was not come to.</summary>
/// <param name="Name">Its word.</param>
/// <param name="Outcome">What came of it.</param>
/// <param name="Elapsed">How long it took.</param>
internal sealed record StepReport(string Name, StepOutcome Outcome, TimeSpan Elapsed);
