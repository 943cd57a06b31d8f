using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace Ptth.Common.Net;

/// <summary>
/// Where to listen: <c>ADDRESS:PORT</c> or <c>[IPV6]:PORT</c>. An address is an IP address, not a host name: what a name stands for
/// can change, and who may reach the port should not. Port 0 takes any free port.
/// </summary>
public static class ListenAddress
{
    /// <summary>What an address must be, for error texts.</summary>
    public const string Expected = "must be ADDRESS:PORT with an IP address, such as \"0.0.0.0:8080\" or \"[::]:8080\"";

    /// <summary>What a forward's address must be, for error texts.</summary>
    public const string ExpectedForForward = "must be PORT or ADDRESS:PORT with an IP address, such as \"2222\", \"127.0.0.1:2222\" or \"[::1]:2222\"";

    /// <summary>An address and a port.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out IPEndPoint? endPoint)
    {
        endPoint = null;
        int colon = text.LastIndexOf(':');
        if (colon < 0 || !PortNumber.TryParse(text[(colon + 1)..], out int port)) return false;
        if (!IpLiteral.TryParse(text[..colon], out IPAddress? address)) return false;
        endPoint = new IPEndPoint(address, port);
        return true;
    }

    /// <summary>A bare port, which binds 127.0.0.1 only, or an address and a port.</summary>
    public static bool TryParseForward(ReadOnlySpan<char> text, [NotNullWhen(true)] out IPEndPoint? endPoint)
    {
        if (!PortNumber.TryParse(text, out int port)) return TryParse(text, out endPoint);
        endPoint = new IPEndPoint(IPAddress.Loopback, port);
        return true;
    }
}

/// <summary>An IP address as it stands before a port: dotted decimal, or IPv6 in brackets.</summary>
internal static class IpLiteral
{
    /// <summary>Strict: the framework also takes "1", "127.1", "0x7f.0.0.1" and octal numbers for IPv4 addresses.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out IPAddress? address)
    {
        bool bracketed = text.Length > 2 && text[0] == '[' && text[^1] == ']';
        if (!IPAddress.TryParse(bracketed ? text[1..^1] : text, out address)) return false;
        if (bracketed) return address.AddressFamily == AddressFamily.InterNetworkV6 && !text[1..^1].ContainsAny('[', ']');
        return address.AddressFamily == AddressFamily.InterNetwork && text.SequenceEqual(address.ToString());
    }
}
