using System.Text.Encodings.Web;
using System.Text.Json;

namespace Ptth.Proxy.Doctor.Report;

/// <summary>A diagnosis, for programs.</summary>
/// <param name="Relay">The relay's URL.</param>
/// <param name="Healthy">Whether every step came to its end and nothing was found.</param>
/// <param name="Steps">Every step.</param>
/// <param name="Findings">What was found, faults first.</param>
internal sealed record DiagnosisDocument(string Relay, bool Healthy, IReadOnlyList<StepDocument> Steps, IReadOnlyList<FindingDocument> Findings)
{
    /// <summary>The document of a diagnosis.</summary>
    public static DiagnosisDocument Of(Diagnosis diagnosis) => new(
        diagnosis.Relay.ToString(),
        diagnosis.IsHealthy,
        [.. diagnosis.Steps.Select(static step => new StepDocument(
            step.Name, Word(step.Outcome.Result), Math.Round(step.Elapsed.TotalSeconds, 3), step.Outcome.Text, step.Outcome.Measured))],
        [.. diagnosis.Findings.Select(static finding => new FindingDocument(
            finding.Name, Word(finding.Weight), finding.Observed, finding.Meaning, finding.Bound,
            [.. finding.By.Select(static one => new IntermediaryDocument(one.Name, one.ShownBy))],
            [.. finding.Remedies.Select(static remedy => new RemedyDocument(remedy.At, remedy.Directives))]))]);

    /// <summary>It as JSON.</summary>
    public string ToJson()
    {
        // It is never put into HTML: escaping quotes would only make it harder to read.
        var options = new JsonSerializerOptions(DoctorJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        return JsonSerializer.Serialize(this, new DoctorJson(options).DiagnosisDocument);
    }

    private static string Word<T>(T value) where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());
}
