namespace Ptth.Load.Soak;

/// <summary>What one party held at one time.</summary>
/// <param name="When">When that was.</param>
/// <param name="Party">Who.</param>
/// <param name="Starts">How many times it had been started by then.</param>
/// <param name="Facts">What it held.</param>
internal sealed record ResourceRow(string When, string Party, int Starts, ProcessFacts Facts);
