using System.Diagnostics.CodeAnalysis;

namespace Ptth.Common.Protocol;

/// <summary>The names of servers and of their ports: 1 to 64 of <c>A-Z a-z 0-9 . _ -</c>, the first a letter or a digit.</summary>
public static class PtthName
{
    /// <summary>The longest name, characters.</summary>
    public const int MaxLength = 64;

    /// <summary>What a name must be, for error texts.</summary>
    public const string Expected = "must be a name: 1 to 64 letters, digits, \".\", \"_\" or \"-\", the first a letter or a digit";

    /// <summary>The name in <paramref name="text"/>, which must be a name and nothing else.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out string? name)
    {
        name = IsValid(text) ? text.ToString() : null;
        return name is not null;
    }

    /// <summary>Whether <paramref name="text"/> is a name.</summary>
    public static bool IsValid(ReadOnlySpan<char> text)
    {
        if (text.Length is 0 or > MaxLength || !char.IsAsciiLetterOrDigit(text[0])) return false;
        foreach (char c in text)
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '-')) return false;
        // Names are logged and shown, and somebody may put a key where one belongs.
        return !PtthKey.IsIn(text);
    }
}
