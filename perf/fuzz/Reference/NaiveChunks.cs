using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.RegularExpressions;

namespace Ptth.Fuzz.Reference;

/// <summary>
/// A second reader of chunked bodies, written from RFC 9112 section 7.1: it has all bytes at hand, looks for each CRLF, and matches the
/// lines against the grammar as it stands there.
/// </summary>
internal static partial class NaiveChunks
{
    private const string Token = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
    private const string Quoted = @"""(?:[\t\x20\x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t\x20-\x7e\x80-\xff])*""";
    private const int MostLineBytes = 256;
    private const int MostTrailerBytes = 8192;
    private const int MostTrailers = 32;

    /// <summary>Reads a body that stands at the start of <paramref name="bytes"/>.</summary>
    /// <param name="bytes">The bytes; what is behind the body's end is not looked at.</param>
    /// <param name="data">The data up to the end, or up to where it stops.</param>
    /// <returns>How long the body is with its framing; -1 where it does not end, or is not one.</returns>
    public static int Read(ReadOnlySpan<byte> bytes, List<byte> data)
    {
        string text = Encoding.Latin1.GetString(bytes);
        int at = 0;
        while (true)
        {
            int lineEnd = text.IndexOf("\r\n", at, StringComparison.Ordinal);
            if (lineEnd < 0 || lineEnd + 2 - at > MostLineBytes) return -1;
            Match line = SizeLine().Match(text[at..lineEnd]);
            if (!line.Success) return -1;
            var size = BigInteger.Parse("0" + line.Groups["size"].Value, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            if (size > long.MaxValue) return -1;
            at = lineEnd + 2;
            if (size.IsZero) return ReadTrailers(text, at);
            int length = (int)BigInteger.Min(size, text.Length - at);
            data.AddRange(bytes.Slice(at, length));
            at += length;
            if (length < size || string.CompareOrdinal(text, at, "\r\n", 0, 2) != 0) return -1;
            at += 2;
        }
    }

    private static int ReadTrailers(string text, int start)
    {
        int at = start;
        for (int count = 0; ; count++)
        {
            int lineEnd = text.IndexOf("\r\n", at, StringComparison.Ordinal);
            if (lineEnd < 0 || lineEnd + 2 - start > MostTrailerBytes) return -1;
            if (lineEnd == at) return at + 2;
            if (count == MostTrailers || !Trailer().IsMatch(text[at..lineEnd])) return -1;
            at = lineEnd + 2;
        }
    }

    [GeneratedRegex($@"^(?<size>[0-9A-Fa-f]{{1,16}})(?:[ \t]*;[ \t]*{Token}(?:[ \t]*=[ \t]*(?:{Token}|{Quoted}))?)*\z")]
    private static partial Regex SizeLine();

    [GeneratedRegex($@"^{Token}:[\t\x20-\x7e\x80-\xff]*\z")]
    private static partial Regex Trailer();
}
