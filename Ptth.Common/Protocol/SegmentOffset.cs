using System.Globalization;

namespace Ptth.Common.Protocol;

/// <summary>The value of <see cref="PtthHeaders.Offset"/>: a count of bytes.</summary>
public static class SegmentOffset
{
    /// <summary>What fits into a count of 63 bits whatever the digits are.</summary>
    private const int MaxDigits = 18;

    /// <summary>The value to send.</summary>
    public static string Format(long offset) => offset.ToString(CultureInfo.InvariantCulture);

    /// <summary>Reads a value: 1 to 18 digits, nothing else.</summary>
    public static bool TryParse(ReadOnlySpan<byte> value, out long offset)
    {
        // Digits alone: the framework's parser takes signs.
        offset = 0;
        if (value.Length is 0 or > MaxDigits || value.ContainsAnyExceptInRange((byte)'0', (byte)'9')) return false;
        foreach (byte digit in value) offset = (offset * 10) + digit - '0';
        return true;
    }
}
