using System.Globalization;
using System.Text;
using Ptth.Http.Core;

namespace Ptth.Differential;

/// <summary>The result as a page: where they differ, and why the relay's way is the strict one.</summary>
internal static class Table
{
    /// <summary>Writes it.</summary>
    /// <param name="names">Those that were compared; the relay first.</param>
    /// <param name="results">What each made of each case.</param>
    /// <param name="notes">Sentences for what the relay takes and another refuses.</param>
    /// <param name="about">What stands on top.</param>
    public static string Write(string[] names, IReadOnlyList<(Case Case, Outcome[] Outcomes)> results, IReadOnlyDictionary<string, string> notes, string about)
    {
        var text = new StringBuilder(about.TrimEnd()).Append("\n\n");
        WriteCounts(text, names, results);
        Section(text, names, "Heads that others take and the relay refuses", notes,
            results.Where(static result => !result.Case.IsBody && result.Outcomes[0].IsRefused && result.Outcomes.Any(static outcome => !outcome.IsRefused)));
        Section(text, names, "Chunked bodies that others take and the relay refuses", notes,
            results.Where(static result => result.Case.IsBody && result.Outcomes[0].IsRefused && result.Outcomes.Any(static outcome => !outcome.IsRefused)));
        Section(text, names, "What the relay takes and others refuse", notes,
            results.Where(static result => !result.Outcomes[0].IsRefused && result.Outcomes.Any(static outcome => outcome.IsRefused)));
        return text.ToString();
    }

    private static void WriteCounts(StringBuilder text, string[] names, IReadOnlyList<(Case Case, Outcome[] Outcomes)> results)
    {
        int refused = results.Count(static result => result.Outcomes[0].IsRefused);
        text.Append(CultureInfo.InvariantCulture, $"{results.Count} cases; the relay refuses {refused} and takes {results.Count - refused}.\n\n");
        text.Append("| | of what the relay refuses it takes | of what the relay takes it refuses |\n| --- | --- | --- |\n");
        for (int i = 1; i < names.Length; i++)
        {
            int lax = results.Count(result => result.Outcomes[0].IsRefused && !result.Outcomes[i].IsRefused);
            int stricter = results.Count(result => !result.Outcomes[0].IsRefused && result.Outcomes[i].IsRefused);
            text.Append(CultureInfo.InvariantCulture, $"| {names[i]} | {lax} | {stricter} |\n");
        }
    }

    private static void Section(StringBuilder text, string[] names, string title, IReadOnlyDictionary<string, string> notes, IEnumerable<(Case Case, Outcome[] Outcomes)> rows)
    {
        text.Append(CultureInfo.InvariantCulture, $"\n## {title}\n\n| case | {string.Join(" | ", names)} | why |\n| --- |{string.Concat(names.Select(static _ => " --- |"))} --- |\n");
        foreach ((Case one, Outcome[] outcomes) in rows)
        {
            string why = one.Violation != HttpViolation.None ? HttpViolations.DescriptionOf(one.Violation) : notes.GetValueOrDefault(one.Title, "**not explained yet**");
            text.Append(CultureInfo.InvariantCulture, $"| {one.Title} | {string.Join(" | ", outcomes.Select(Cell))} | {why} |\n");
        }
    }

    // What is taken stands out.
    private static string Cell(Outcome outcome) => outcome.IsRefused ? outcome.ToString() : $"**{outcome}**";
}
