using System.Globalization;
using System.Text;

namespace Ptth.Common.Toml;

/// <summary>A text of a file, and its line.</summary>
public readonly record struct TomlText(string Value, int Line)
{
    /// <summary>More of a value tells no more of which one is meant.</summary>
    private const int MaxShownChars = 64;

    /// <summary>The value in quotes for an error: nothing in it moves a cursor, turns the direction of writing, or makes a line of its own.</summary>
    public string Shown
    {
        get
        {
            var shown = new StringBuilder("\"");
            foreach (char character in Value.AsSpan(0, Math.Min(Value.Length, MaxShownChars)))
            {
                if (character is '"' or '\\') shown.Append('\\').Append(character);
                else if (IsPlain(character)) shown.Append(character);
                else shown.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:X4}");
            }

            return shown.Append(Value.Length > MaxShownChars ? "…\"" : "\"").ToString();
        }
    }

    private static bool IsPlain(char character) => character == ' ' || char.IsLetterOrDigit(character) || char.IsPunctuation(character) || char.IsSymbol(character);
}
