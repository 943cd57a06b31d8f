using System.Text.RegularExpressions;

namespace Ptth.Tests.Support;

/// <summary>A terminal of endless height, as far as the programs use one: what is on it after some output.</summary>
internal static partial class TerminalScreen
{
    /// <summary>The lines on it, without blanks at their ends.</summary>
    /// <exception cref="FormatException">The output has a control character or sequence that no terminal line should have.</exception>
    public static string[] Show(string output)
    {
        List<char[]> lines = [];
        List<char> line = [];
        int column = 0;
        for (int i = 0; i < output.Length; i++)
        {
            switch (output[i])
            {
                case '\r':
                    column = 0;
                    break;
                case '\n':
                    lines.Add([.. line]);
                    // A pseudo terminal makes CR LF of each LF; where there is none, LF alone begins a line.
                    (line, column) = ([], 0);
                    break;
                case '\u001b' when output.AsSpan(i).StartsWith("\u001b[K"):
                    line.RemoveRange(column, line.Count - column);
                    i += 2;
                    break;
                // What the runtime sends when it first uses a terminal, and modes such as the cursor's (ECMA-48, DECKPAM, DEC private modes).
                case '\u001b' when Modes().Match(output, i) is { Success: true } mode && mode.Index == i:
                    i += mode.Length - 1;
                    break;
                case < ' ':
                    throw new FormatException($"control character {(int)output[i]} at {i}");
                default:
                    if (column < line.Count) line[column] = output[i];
                    else line.Add(output[i]);
                    column++;
                    break;
            }
        }

        lines.Add([.. line]);
        return [.. lines.Select(static l => new string(l).TrimEnd())];
    }

    [GeneratedRegex(@"\G\u001b(\[\?[0-9]+[hl]|[=>])")]
    private static partial Regex Modes();
}
