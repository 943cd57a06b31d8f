using System.Globalization;

namespace Ptth.Fuzz.Reference;

/// <summary>
/// A second reader of streams of records, written from docs/protocol.md: it has all bytes at hand, as hexadecimal digits, and takes a length
/// of eight and what it says off their start.
/// </summary>
internal static class NaiveRecords
{
    private const string Mark = "ffffffff";

    /// <summary>Reads a stream.</summary>
    /// <param name="stream">All of it, up to the body's clean end.</param>
    /// <param name="marksEnd">Whether marked ends were agreed on.</param>
    /// <param name="payload">The payload, up to the end or up to where it stops.</param>
    /// <returns>Whether the stream has ended cleanly.</returns>
    public static bool Read(ReadOnlySpan<byte> stream, bool marksEnd, List<byte> payload)
    {
        string rest = Convert.ToHexStringLower(stream);
        while (rest.Length >= Mark.Length)
        {
            string head = rest[..Mark.Length];
            rest = rest[Mark.Length..];
            if (marksEnd && head == Mark) return rest.Length == 0;
            long length = long.Parse(head, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            if (length > int.MaxValue) return false;
            int digits = (int)Math.Min(2 * length, rest.Length);
            payload.AddRange(Convert.FromHexString(rest[..digits]));
            if (digits < 2 * length) return false;
            rest = rest[digits..];
        }

        return rest.Length == 0 && !marksEnd;
    }
}
