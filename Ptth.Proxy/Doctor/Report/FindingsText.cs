using Ptth.Common.Text;
using Ptth.Proxy.Doctor.Findings;

namespace Ptth.Proxy.Doctor.Report;

/// <summary>What was found, for people: what it is, whose doing it may be, what it means, and what mends it.</summary>
internal static class FindingsText
{
    /// <summary>The lines behind those of the steps.</summary>
    public static IEnumerable<string> Compose(Diagnosis diagnosis)
    {
        foreach (Finding finding in diagnosis.Findings)
        {
            yield return "";
            yield return $"{finding.Name}{(finding.Weight == FindingWeight.Advice ? " (advice)" : "")}: {finding.Observed}.";
            if (FindingTexts.IsOfPath(finding.Kind)) yield return $"  By: {WhoOf(finding)}";
            yield return $"  {finding.Meaning}";
            foreach (Remedy remedy in finding.Remedies)
            {
                yield return $"  {remedy.At}:";
                foreach (string directive in remedy.Directives) yield return $"    {directive}";
            }
        }

        yield return "";
        yield return SumOf(diagnosis);
    }

    private static string WhoOf(Finding finding) => finding.By.Count == 0
        ? "something between here and the relay, which does not show itself"
        : string.Join(", or ", finding.By.Select(static one => $"{one.Name} ({one.ShownBy})"));

    private static string SumOf(Diagnosis diagnosis)
    {
        if (diagnosis.IsHealthy) return "Nothing found.";
        int faults = diagnosis.Findings.Count(static finding => finding.Weight == FindingWeight.Fault), advice = diagnosis.Findings.Count - faults;
        List<string> parts = [.. diagnosis.Failures.Select(static step => $"{step.Name} failed")];
        if (faults > 0) parts.Add(Readable.Count(faults, "fault"));
        if (advice > 0) parts.Add($"{advice} advice");
        return $"Found: {string.Join(", ", parts)}.";
    }
}
