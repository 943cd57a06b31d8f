namespace Ptth.Common.Protocol;

/// <summary>
/// Base64url without padding (RFC 4648 section 5), canonical only. The framework's decoder skips white space,
/// and two texts for one value would make two names for one thing.
/// </summary>
internal static class Base64UrlText
{
    /// <summary>Decodes exactly as many bytes as <paramref name="bytes"/> has room for; false for anything but their one encoding.</summary>
    public static bool TryDecode(ReadOnlySpan<char> text, Span<byte> bytes)
    {
        if (text.Length != (bytes.Length * 8 + 5) / 6) return false;
        int bits = 0, bitCount = 0, written = 0;
        foreach (char c in text)
        {
            int value = ValueOf(c);
            if (value < 0) return false;
            bits = (bits << 6 | value) & 0xFFFF;
            bitCount += 6;
            if (bitCount < 8) continue;
            bitCount -= 8;
            bytes[written++] = (byte)(bits >> bitCount);
        }
        // What is left over carries no data: anything but zero would be a second spelling.
        return (bits & ((1 << bitCount) - 1)) == 0;
    }

    private static int ValueOf(char c) => c switch
    {
        >= 'A' and <= 'Z' => c - 'A',
        >= 'a' and <= 'z' => c - 'a' + 26,
        >= '0' and <= '9' => c - '0' + 52,
        '-' => 62,
        '_' => 63,
        _ => -1,
    };
}
