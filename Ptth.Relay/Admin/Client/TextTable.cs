namespace Ptth.Relay.Admin.Client;

/// <summary>A table in columns of text. Its first column gives way where the lines would be too long.</summary>
/// <param name="titles">The columns' titles; those that begin with <c>&gt;</c> stand at the right.</param>
internal sealed class TextTable(params string[] titles)
{
    private const string Gap = "  ";
    private const string Left = "..";

    private readonly List<string[]> _rows = [[.. titles.Select(static title => title.TrimStart('>'))]];

    /// <summary>Adds a row, with a text for each column.</summary>
    public void Add(params string[] cells) => _rows.Add(cells);

    /// <summary>Adds the table's lines.</summary>
    /// <param name="lines">Where to.</param>
    /// <param name="columns">How wide they may be.</param>
    /// <param name="leastName">How wide the first column stays in any case.</param>
    public void WriteTo(List<string> lines, int columns, int leastName)
    {
        int[] widths = [.. titles.Select((_, column) => _rows.Max(row => row[column].Length))];
        int others = widths.Skip(1).Sum() + (Gap.Length * (titles.Length - 1));
        widths[0] = Math.Min(widths[0], Math.Max(leastName, columns - others));
        foreach (string[] row in _rows)
            lines.Add(string.Join(Gap, row.Select((cell, column) => titles[column].StartsWith('>') ? cell.PadLeft(widths[column]) : Fit(cell, widths[column]))));
    }

    private static string Fit(string cell, int width) => cell.Length <= width ? cell.PadRight(width) : cell[..(width - Left.Length)] + Left;
}
