namespace Ptth.Proxy.Doctor.Report;

/// <summary>A finding, for programs.</summary>
/// <param name="Name">Its word.</param>
/// <param name="Weight"><c>fault</c> or <c>advice</c>.</param>
/// <param name="Observed">What was seen.</param>
/// <param name="Meaning">What it means for tunnels.</param>
/// <param name="Bound">From how many seconds or bytes on; null where there is no such thing.</param>
/// <param name="By">Who may have done it; none where nothing shows itself.</param>
/// <param name="Remedies">What mends it.</param>
internal sealed record FindingDocument(
    string Name, string Weight, string Observed, string Meaning, long? Bound, IReadOnlyList<IntermediaryDocument> By, IReadOnlyList<RemedyDocument> Remedies);
