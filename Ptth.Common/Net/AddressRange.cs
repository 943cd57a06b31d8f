using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Ptth.Common.Net;

/// <summary>A range of IP addresses: a network such as <c>10.0.0.0/8</c>, or one address.</summary>
public static class AddressRange
{
    /// <summary>What a range must be, for error texts.</summary>
    public const string Expected =
        "must be an IP address or a network whose host bits are zero, such as \"192.0.2.7\", \"10.0.0.0/8\" or \"2001:db8::/32\"";

    /// <summary>The bits in front of an IPv4 address that is written as an IPv6 one (RFC 4291 section 2.5.5.2).</summary>
    private const int MappedPrefixBits = 96;

    /// <summary>Reads a range. One of IPv4-mapped IPv6 addresses becomes the IPv4 one.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out IPNetwork range)
    {
        range = default;
        int slash = text.IndexOf('/');
        if (!TryParseAddress(slash < 0 ? text : text[..slash], out IPAddress? address)) return false;
        int most = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        int bits = most;
        if (slash >= 0 && !TryParseBits(text[(slash + 1)..], most, out bits)) return false;
        var network = new IPNetwork(address, bits);
        // With host bits it would be unclear whether the address or its network was meant.
        if (!network.BaseAddress.Equals(address)) return false;
        range = address.IsIPv4MappedToIPv6 && bits >= MappedPrefixBits ? new IPNetwork(address.MapToIPv4(), bits - MappedPrefixBits) : network;
        return true;
    }

    /// <summary>The address as ranges know it: an IPv4-mapped IPv6 one, as sockets of both families show it, is the IPv4 one.</summary>
    public static IPAddress Normalize(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
    }

    /// <summary>Whether an address lies in one of the ranges.</summary>
    public static bool Contains(IReadOnlyList<IPNetwork> ranges, IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(ranges);
        if (ranges.Count == 0) return false;
        IPAddress normal = Normalize(address);
        foreach (IPNetwork range in ranges)
        {
            if (range.Contains(normal)) return true;
        }

        return false;
    }

    /// <summary>
    /// Reads an address, strictly: the framework also takes "10", "127.1", octal and hexadecimal numbers for IPv4 addresses, and brackets
    /// and zones for IPv6 ones.
    /// </summary>
    public static bool TryParseAddress(ReadOnlySpan<char> text, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        if (text.ContainsAny("[]%") || !IPAddress.TryParse(text, out address)) return false;
        return address.AddressFamily == AddressFamily.InterNetworkV6 || text.SequenceEqual(address.ToString());
    }

    private static bool TryParseBits(ReadOnlySpan<char> text, int most, out int bits)
    {
        bits = 0;
        if (text.Length is 0 or > 3 || text.ContainsAnyExceptInRange('0', '9') || (text[0] == '0' && text.Length > 1)) return false;
        bits = int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
        return bits <= most;
    }
}
