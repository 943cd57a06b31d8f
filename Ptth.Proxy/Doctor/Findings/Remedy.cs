namespace Ptth.Proxy.Doctor.Findings;

/// <summary>Something that mends a finding.</summary>
/// <param name="At">Where: a program's name, or whose configuration.</param>
/// <param name="Directives">Lines for its configuration, or what to do.</param>
internal sealed record Remedy(string At, IReadOnlyList<string> Directives);
