namespace Ptth.Proxy.Doctor.Report;

/// <summary>Something that stands between, for programs.</summary>
/// <param name="Name">What people call it.</param>
/// <param name="ShownBy">The field that shows it.</param>
internal sealed record IntermediaryDocument(string Name, string ShownBy);
