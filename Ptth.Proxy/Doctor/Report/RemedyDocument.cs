namespace Ptth.Proxy.Doctor.Report;

/// <summary>Something that mends a finding, for programs.</summary>
/// <param name="At">Where.</param>
/// <param name="Directives">Lines for a configuration, or what to do.</param>
internal sealed record RemedyDocument(string At, IReadOnlyList<string> Directives);
