using System.Globalization;
using System.Text;

namespace Ptth.Tests.Core;

/// <summary>
/// Bytes written as text, for vectors that people read. Printable ASCII stands for itself and a line break in the text for nothing.
/// <c>\r \n \t \0 \\</c> and <c>\xHH</c> are bytes, <c>\{300*ab}</c> is a repetition, and <c>\^</c> marks a place without being a byte.
/// </summary>
internal static class EscapedBytes
{
    /// <summary>The bytes, and the place of the mark or -1.</summary>
    public static (byte[] Bytes, int Mark) Parse(string text)
    {
        var bytes = new List<byte>();
        int mark = -1;
        int at = 0;
        while (at < text.Length)
        {
            char c = text[at++];
            if (c == '\n')
                continue;
            if (c is < ' ' or > '~')
                throw new FormatException($"U+{(int)c:X4} must be written as an escape.");
            if (c != '\\')
            {
                bytes.Add((byte)c);
                continue;
            }

            if (at == text.Length)
                throw new FormatException("The text ends with a backslash.");
            switch (text[at++])
            {
                case 'r': bytes.Add((byte)'\r'); break;
                case 'n': bytes.Add((byte)'\n'); break;
                case 't': bytes.Add((byte)'\t'); break;
                case '0': bytes.Add(0); break;
                case '\\': bytes.Add((byte)'\\'); break;
                case '^' when mark < 0: mark = bytes.Count; break;
                case 'x': bytes.Add(Hex(text, ref at)); break;
                case '{': bytes.AddRange(Repetition(text, ref at)); break;
                default: throw new FormatException($"Unknown escape \\{text[at - 1]}, or a second mark.");
            }
        }

        return ([.. bytes], mark);
    }

    /// <summary>The same the other way round, with an escape for every byte that is not printable ASCII.</summary>
    public static string Write(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        foreach (byte value in bytes)
        {
            text.Append(value switch
            {
                (byte)'\r' => "\\r",
                (byte)'\n' => "\\n",
                (byte)'\t' => "\\t",
                (byte)'\\' => "\\\\",
                0 => "\\0",
                < 0x20 or > 0x7e => string.Create(CultureInfo.InvariantCulture, $"\\x{value:x2}"),
                _ => ((char)value).ToString(),
            });
        }

        return text.ToString();
    }

    private static byte Hex(string text, ref int at)
    {
        if (at + 2 > text.Length
            || !byte.TryParse(text.AsSpan(at, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value))
            throw new FormatException("\\x is followed by two hex digits.");
        at += 2;
        return value;
    }

    private static byte[] Repetition(string text, ref int at)
    {
        int star = text.IndexOf('*', at);
        int end = text.IndexOf('}', at);
        if (star < 0 || end < star
            || !int.TryParse(text.AsSpan(at, star - at), NumberStyles.None, CultureInfo.InvariantCulture, out int count))
            throw new FormatException("A repetition is \\{count*text}.");
        byte[] once = Parse(text[(star + 1)..end]).Bytes;
        at = end + 1;
        return [.. Enumerable.Repeat(once, count).SelectMany(bytes => bytes)];
    }
}
