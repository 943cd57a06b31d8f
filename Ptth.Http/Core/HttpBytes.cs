using System.Buffers;

namespace Ptth.Http.Core;

/// <summary>The byte classes of HTTP's grammar, and the scans over them.</summary>
internal static class HttpBytes
{
    public const byte Tab = (byte)'\t';
    public const byte LineFeed = (byte)'\n';
    public const byte CarriageReturn = (byte)'\r';
    public const byte Space = (byte)' ';
    public const byte Delete = 0x7f;

    /// <summary>token = 1*tchar (RFC 9110 section 5.6.2).</summary>
    private static readonly SearchValues<byte> TokenBytes = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    /// <summary>
    /// What a URI is made of (RFC 3986 section 2) without the fragment's <c>#</c> and without <c>%</c>, which needs a look at what follows.
    /// Brackets belong to an IPv6 host; they pass elsewhere too, as browsers send them in queries.
    /// </summary>
    private static readonly SearchValues<byte> TargetBytes = SearchValues.Create(
        "-._~:/?[]@!$&'()*+,;=0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    /// <summary>What a field value or a reason must not have (RFC 9110 section 5.5): control bytes except HTAB.</summary>
    private static readonly SearchValues<byte> ControlBytes = SearchValues.Create(
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, Delete]);

    /// <summary>Where the token ends that <paramref name="from"/> lies in; the input's length where it has no end yet.</summary>
    public static int TokenEnd(ReadOnlySpan<byte> input, int from)
    {
        int index = input[from..].IndexOfAnyExcept(TokenBytes);
        return index < 0 ? input.Length : from + index;
    }

    /// <summary>Where the field text ends that <paramref name="from"/> lies in: the first control byte but HTAB, or the input's length.</summary>
    public static int TextEnd(ReadOnlySpan<byte> input, int from)
    {
        int index = input[from..].IndexOfAny(ControlBytes);
        return index < 0 ? input.Length : from + index;
    }

    /// <summary>
    /// Where the target ends that <paramref name="from"/> lies in: the first byte that is none of a URI's, a <c>%</c> that is not
    /// followed by two hex digits (which may be yet to come), or the input's length.
    /// </summary>
    public static int TargetEnd(ReadOnlySpan<byte> input, int from)
    {
        while (true)
        {
            int index = input[from..].IndexOfAnyExcept(TargetBytes);
            if (index < 0)
                return input.Length;

            from += index;
            if (input[from] != (byte)'%' || from + 2 >= input.Length || HexValue(input[from + 1]) < 0 || HexValue(input[from + 2]) < 0)
                return from;

            from += 3;
        }
    }

    public static bool IsToken(ReadOnlySpan<byte> text) => !text.IsEmpty && !text.ContainsAnyExcept(TokenBytes);

    public static bool IsTokenByte(byte value) => TokenBytes.Contains(value);

    public static bool IsDigit(byte value) => (uint)(value - '0') <= 9;

    public static bool IsControl(byte value) => value is < 0x20 and not Tab or Delete;

    public static bool IsWhiteSpace(byte value) => value is Space or Tab;

    /// <summary>The value of a hex digit, or -1.</summary>
    public static int HexValue(byte value) => value switch
    {
        >= (byte)'0' and <= (byte)'9' => value - '0',
        >= (byte)'a' and <= (byte)'f' => value - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => value - 'A' + 10,
        _ => -1,
    };

    /// <summary>Takes SP and HTAB off both ends (OWS, RFC 9110 section 5.6.3), and nothing else.</summary>
    public static ReadOnlySpan<byte> TrimWhiteSpace(ReadOnlySpan<byte> text)
    {
        int start = 0;
        int end = text.Length;
        while (start < end && IsWhiteSpace(text[start]))
            start++;
        while (end > start && IsWhiteSpace(text[end - 1]))
            end--;
        return text[start..end];
    }
}
