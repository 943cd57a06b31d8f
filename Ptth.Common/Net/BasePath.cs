using System.Diagnostics.CodeAnalysis;

namespace Ptth.Common.Net;

/// <summary>The path that all requests begin with. Both sides compare it byte by byte, so what has two spellings is refused.</summary>
public static class BasePath
{
    /// <summary>What a base path must be, for error texts.</summary>
    public const string Expected =
        "must be a path such as \"/v1\" or \"/ptth/v1\", of at most 256 letters, digits, \"-\", \".\", \"_\", \"~\" and single slashes";

    private const int MaxLength = 256;

    /// <summary>The path without its trailing slash; <c>/</c> becomes empty.</summary>
    public static bool TryNormalize(ReadOnlySpan<char> text, [NotNullWhen(true)] out string? basePath)
    {
        basePath = null;
        if (text.Length is 0 or > MaxLength || text[0] != '/') return false;
        if (text[^1] == '/') text = text[..^1];
        if (text.Length > 0)
        {
            foreach (Range range in text[1..].Split('/'))
                if (!IsSegment(text[1..][range])) return false;
        }
        basePath = text.ToString();
        return true;
    }

    // Unreserved characters only (RFC 3986 section 2.3); "." and ".." would be resolved away by clients and intermediaries.
    private static bool IsSegment(ReadOnlySpan<char> segment)
    {
        if (segment is "" or "." or "..") return false;
        foreach (char c in segment)
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '.' or '_' or '~')) return false;
        return true;
    }
}
