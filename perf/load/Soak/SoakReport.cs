using System.Globalization;
using System.Text;

namespace Ptth.Load.Soak;

/// <summary>Writes down what came of a run, as Markdown.</summary>
internal static class SoakReport
{
    /// <summary>The whole report.</summary>
    /// <param name="title">Its first line.</param>
    /// <param name="about">Lines about the machine and the run.</param>
    /// <param name="tally">What was counted.</param>
    /// <param name="rows">What the parties held.</param>
    public static string Write(string title, IEnumerable<string> about, Tally tally, IReadOnlyList<ResourceRow> rows)
    {
        (var kinds, var counts, IReadOnlyList<string> failures) = tally.Snapshot();
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# {title}\n\n");
        foreach (string line in about) text.Append(CultureInfo.InvariantCulture, $"- {line}\n");
        text.Append(CultureInfo.InvariantCulture, $"\nResult: {(tally.Failed == 0 ? "passed" : $"FAILED, {tally.Failed} failures")}\n\n");

        text.Append("| tunnels | number | as planned | broken by what was killed or pulled | failed | bytes compared |\n");
        text.Append("| --- | ---: | ---: | ---: | ---: | ---: |\n");
        foreach ((TunnelKind kind, KindCount count) in kinds) Row(kind.ToString(), count);
        Row("all", new KindCount
        {
            Tunnels = kinds.Sum(static entry => entry.Count.Tunnels),
            AsPlanned = kinds.Sum(static entry => entry.Count.AsPlanned),
            Disturbed = kinds.Sum(static entry => entry.Count.Disturbed),
            Failed = kinds.Sum(static entry => entry.Count.Failed),
            Bytes = kinds.Sum(static entry => entry.Count.Bytes),
        });

        if (counts.Count > 0)
        {
            text.Append("\n| what else | number |\n| --- | ---: |\n");
            foreach ((string what, long count) in counts) text.Append(CultureInfo.InvariantCulture, $"| {what} | {count} |\n");
        }

        text.Append("\n| held at rest by | when | starts | sockets | pipe ends | other files | threads | resident KB |\n");
        text.Append("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n");
        foreach (ResourceRow row in rows.OrderBy(static row => row.Party, StringComparer.Ordinal))
        {
            ProcessFacts facts = row.Facts;
            text.Append(CultureInfo.InvariantCulture, $"| {row.Party} | {row.When} | {row.Starts} | {facts.Sockets} | {facts.Pipes} ");
            text.Append(CultureInfo.InvariantCulture, $"| {facts.OtherFiles} | {facts.Threads} | {facts.ResidentKb} |\n");
        }

        if (failures.Count > 0) text.Append("\nFailures:\n\n");
        foreach (string failure in failures) text.Append(CultureInfo.InvariantCulture, $"- {failure}\n");
        return text.ToString();

        void Row(string name, KindCount count) => text.Append(CultureInfo.InvariantCulture,
            $"| {name} | {count.Tunnels} | {count.AsPlanned} | {count.Disturbed} | {count.Failed} | {count.Bytes} |\n");
    }
}
