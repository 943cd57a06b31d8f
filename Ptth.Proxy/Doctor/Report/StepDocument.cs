namespace Ptth.Proxy.Doctor.Report;

/// <summary>A step, for programs.</summary>
/// <param name="Name">Its word.</param>
/// <param name="Result"><c>ok</c>, <c>found</c>, <c>failed</c> or <c>skipped</c>.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Text">What came of it, in a line.</param>
/// <param name="Measured">Numbers, by names that say their unit.</param>
internal sealed record StepDocument(string Name, string Result, double Seconds, string Text, IReadOnlyDictionary<string, double> Measured);
