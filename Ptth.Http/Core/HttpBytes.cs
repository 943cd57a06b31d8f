using System.Runtime.CompilerServices;

namespace Ptth.Http.Core;

/// <summary>The byte classes of HTTP's grammar.</summary>
internal static class HttpBytes
{
    public const byte Tab = (byte)'\t';
    public const byte LineFeed = (byte)'\n';
    public const byte CarriageReturn = (byte)'\r';
    public const byte Space = (byte)' ';
    public const byte Delete = 0x7f;

    /// <summary>CR and LF, read as a little-endian number.</summary>
    public const ushort CrLf = 0x0A0D;

    /// <summary>token = 1*tchar (RFC 9110 section 5.6.2), as masks for <see cref="ByteScan"/>.</summary>
    private static ReadOnlySpan<byte> TokenMasks =>
        [0xe8, 0xfc, 0xf8, 0xfc, 0xfc, 0xfc, 0xfc, 0xfc, 0xf8, 0xf8, 0xf4, 0x54, 0xd0, 0x54, 0xf4, 0x70];

    /// <summary>
    /// What a URI is made of (RFC 3986 section 2) without the fragment's <c>#</c> and without <c>%</c>, which needs a look at what follows.
    /// Brackets belong to an IPv6 host; they pass elsewhere too, as browsers send them in queries.
    /// </summary>
    private static ReadOnlySpan<byte> TargetMasks =>
        [0xb8, 0xfc, 0xf8, 0xf8, 0xfc, 0xf8, 0xfc, 0xfc, 0xfc, 0xfc, 0xfc, 0x7c, 0x54, 0x7c, 0xd4, 0x7c];

    /// <summary>Where the token ends that <paramref name="from"/> lies in; the input's length where it has no end yet.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int TokenEnd(ReadOnlySpan<byte> input, int from) => ByteScan.MembersEnd(input, from, TokenMasks);

    /// <summary>
    /// Where the target ends that <paramref name="from"/> lies in: the first byte that is none of a URI's, a <c>%</c> that is not
    /// followed by two hex digits (which may be yet to come), or the input's length.
    /// </summary>
    public static int TargetEnd(ReadOnlySpan<byte> input, int from)
    {
        while (true)
        {
            from = ByteScan.MembersEnd(input, from, TargetMasks);
            if (from + 2 >= input.Length || input[from] != (byte)'%' || HexValue(input[from + 1]) < 0 || HexValue(input[from + 2]) < 0)
                return from;
            from += 3;
        }
    }

    public static bool IsToken(ReadOnlySpan<byte> text) => !text.IsEmpty && TokenEnd(text, 0) == text.Length;

    public static bool IsTokenByte(byte value) => ByteScan.IsMember(value, TokenMasks);

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
