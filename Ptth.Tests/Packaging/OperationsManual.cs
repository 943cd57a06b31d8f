using System.Text.RegularExpressions;
using Ptth.Tests.Support;

namespace Ptth.Tests.Packaging;

/// <summary>What the tables of docs/operations.md document.</summary>
internal static partial class OperationsManual
{
    private static readonly string Text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "operations.md"));

    /// <summary>
    /// The options in the tables of a program, each with the commands that have it: those of a column "of", or the one that ends the heading.
    /// </summary>
    public static IEnumerable<(string Option, string[] Commands)> OptionsOf(string program, string[] commands)
    {
        string[] ofHeading = [];
        bool hasColumn = false;
        foreach (string line in Section($"## {program}\n", "\n## ").Split('\n'))
        {
            if (line.StartsWith("### ", StringComparison.Ordinal)) ofHeading = [line.Split(' ')[^1]];
            if (line.StartsWith("| option |", StringComparison.Ordinal)) hasColumn = line.StartsWith("| option | of |", StringComparison.Ordinal);
            if (!line.StartsWith("| `-", StringComparison.Ordinal)) continue;
            string[] row = Cells(line);
            yield return (Name().Match(row[0]).Groups[1].Value, !hasColumn ? ofHeading : row[1] is "both" or "all" ? commands : row[1].Split(", "));
        }
    }

    /// <summary>The options of all commands.</summary>
    public static IEnumerable<string> SharedOptions =>
        Option().Matches(Section("## All programs\n", "\n### Signals\n")).Select(match => match.Groups[1].Value).Distinct();

    /// <summary>The commands in the table of a program.</summary>
    public static IEnumerable<string> CommandsOf(string program) =>
        Rows(Section($"## {program}\n", "\n### ")).Where(row => row[0].StartsWith($"`{program} ", StringComparison.Ordinal)).Select(row => row[0].Split(' ')[1].Trim('`'));

    /// <summary>The keys of a configuration, each with its table and with what the column "of" says where there is one.</summary>
    public static IEnumerable<(string Key, string Of)> Keys(string heading)
    {
        string? table = "";
        foreach (string line in Section($"### {heading}\n", "\n## ").Split('\n').Skip(1))
        {
            // What a further heading is about has tables of other things.
            if (line.StartsWith("### ", StringComparison.Ordinal)) table = null;
            if (Table().Match(line) is { Success: true } match) table = match.Groups[1].Value + ".";
            if (table is null || !line.StartsWith("| `", StringComparison.Ordinal)) continue;
            string[] row = Cells(line);
            foreach (Match name in Name().Matches(row[0])) yield return (table + name.Groups[1].Value, table.Length == 0 ? row[1] : "both");
        }
    }

    private static IEnumerable<string[]> Rows(string text) => text.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(Cells);

    private static string[] Cells(string line) => [.. line.Trim('|', ' ').Split('|').Select(cell => cell.Trim())];

    private static string Section(string from, string to)
    {
        int start = Text.IndexOf(from, StringComparison.Ordinal);
        int end = start < 0 ? -1 : Text.IndexOf(to, start + from.Length, StringComparison.Ordinal);
        return end < 0 ? throw new InvalidOperationException($"docs/operations.md lacks \"{from.Trim()}\" and after it \"{to.Trim()}\"") : Text[start..end];
    }

    [GeneratedRegex(@"^`\[{1,2}([a-z_]+)\]{1,2}`")]
    private static partial Regex Table();

    [GeneratedRegex(@"`(-{0,2}[A-Za-z][A-Za-z_.-]*)(?: [^`]*)?`")]
    private static partial Regex Name();

    [GeneratedRegex(@"`(--[a-z-]+)(?: [A-Z]+)?`")]
    private static partial Regex Option();
}
