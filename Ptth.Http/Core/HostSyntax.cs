using System.Buffers;
using System.Text;

namespace Ptth.Http.Core;

/// <summary>The syntax of a host with an optional port, without user information (RFC 9110 section 7.2, RFC 3986 section 3.2).</summary>
internal static class HostSyntax
{
    /// <summary>unreserved / sub-delims: what a registered name has beside percent-encoded bytes.</summary>
    private static readonly SearchValues<byte> NameBytes = SearchValues.Create(
        "-._~!$&'()*+,;=0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    /// <summary>Whether it is host [ ":" port ] with a host that is not empty, as http requires (RFC 9110 section 4.2.1).</summary>
    public static bool IsHostAndPort(ReadOnlySpan<byte> text)
    {
        int hostEnd;
        if (!text.IsEmpty && text[0] == (byte)'[')
        {
            int closing = text.IndexOf((byte)']');
            if (closing < 0 || !IsIPv6Address(text[1..closing]))
                return false;
            hostEnd = closing + 1;
        }
        else
        {
            hostEnd = RegisteredNameEnd(text);
        }

        return hostEnd > 0 && (hostEnd == text.Length || (text[hostEnd] == (byte)':' && IsPort(text[(hostEnd + 1)..])));
    }

    /// <summary>
    /// Whether two of them name the same: without case, and no port, an empty one and the scheme's own are one (RFC 9110 section 4.2.3).
    /// </summary>
    /// <param name="first">A host with an optional port.</param>
    /// <param name="second">The other.</param>
    /// <param name="schemePort">The scheme's own port with its colon.</param>
    public static bool IsSame(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> schemePort)
        => Ascii.EqualsIgnoreCase(WithoutPort(first, schemePort), WithoutPort(second, schemePort));

    private static ReadOnlySpan<byte> WithoutPort(ReadOnlySpan<byte> text, ReadOnlySpan<byte> schemePort)
        => text.EndsWith(schemePort) ? text[..^schemePort.Length] : text.EndsWith(":"u8) ? text[..^1] : text;

    private static int RegisteredNameEnd(ReadOnlySpan<byte> text)
    {
        int end = 0;
        while (end < text.Length)
        {
            int length = text[end..].IndexOfAnyExcept(NameBytes);
            if (length < 0)
                return text.Length;
            end += length;
            bool escape = text[end] == (byte)'%' && end + 2 < text.Length
                && HttpBytes.HexValue(text[end + 1]) >= 0 && HttpBytes.HexValue(text[end + 2]) >= 0;
            if (!escape)
                return end;
            end += 3;
        }

        return end;
    }

    /// <summary>port = *DIGIT (RFC 3986 section 3.2.3), so that it may be empty; a number above 65,535 is none.</summary>
    private static bool IsPort(ReadOnlySpan<byte> text)
    {
        int port = 0;
        foreach (byte digit in text)
        {
            if (!HttpBytes.IsDigit(digit))
                return false;
            port = port * 10 + digit - '0';
            if (port > ushort.MaxValue)
                return false;
        }

        return true;
    }

    /// <summary>
    /// IPv6address (RFC 3986 section 3.2.2): eight groups of one to four hex digits, one run of groups left out with "::", the
    /// last two perhaps as an IPv4 address. Neither zone identifiers nor IPvFuture: no URI that names this relay has them.
    /// </summary>
    private static bool IsIPv6Address(ReadOnlySpan<byte> text)
    {
        int groups = 0;
        bool shortened = false;
        int at = 0;
        if (text.StartsWith("::"u8))
        {
            shortened = true;
            at = 2;
        }

        while (at < text.Length)
        {
            ReadOnlySpan<byte> rest = text[at..];
            int length = 0;
            while (length < rest.Length && HttpBytes.HexValue(rest[length]) >= 0)
                length++;

            if (length < rest.Length && rest[length] == (byte)'.')
                return IsIPv4Address(rest) && (shortened ? groups <= 5 : groups == 6);
            if (length is 0 or > 4)
                return false;

            groups++;
            at += length;
            if (at == text.Length)
                break;
            if (text[at] != (byte)':' || ++at == text.Length)
                return false;
            if (text[at] == (byte)':')
            {
                if (shortened)
                    return false;
                shortened = true;
                at++;
            }
        }

        return shortened ? groups <= 7 : groups == 8;
    }

    /// <summary>IPv4address: four numbers up to 255 without leading zeros.</summary>
    private static bool IsIPv4Address(ReadOnlySpan<byte> text)
    {
        int numbers = 0;
        foreach (Range part in text.Split((byte)'.'))
        {
            ReadOnlySpan<byte> digits = text[part];
            if (digits.Length is 0 or > 3 || (digits.Length > 1 && digits[0] == (byte)'0'))
                return false;

            int value = 0;
            foreach (byte digit in digits)
            {
                if (!HttpBytes.IsDigit(digit))
                    return false;
                value = value * 10 + digit - '0';
            }

            if (value > 255)
                return false;
            numbers++;
        }

        return numbers == 4;
    }
}
