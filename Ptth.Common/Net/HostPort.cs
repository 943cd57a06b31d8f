using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Ptth.Common.Net;

/// <summary>A host to connect to and its port: <c>HOST:PORT</c>, where HOST is a name, an IPv4 address or an IPv6 address in brackets.</summary>
public sealed record HostPort
{
    /// <summary>What the text must be, for error texts.</summary>
    public const string Expected = "must be HOST:PORT, such as \"127.0.0.1:22\", \"[::1]:22\" or \"db.example:5432\"";

    private const int MaxHostNameLength = 253;
    private const int MaxLabelLength = 63;

    private HostPort(string host, IPAddress? address, int port)
    {
        Host = host;
        Address = address;
        Port = port;
    }

    /// <summary>The host name, or the IP address without brackets.</summary>
    public string Host { get; }

    /// <summary>The address where the host is an IP address; null where it is a name, to be looked up for each connection.</summary>
    public IPAddress? Address { get; }

    /// <summary>The TCP port, 1 to 65535.</summary>
    public int Port { get; }

    /// <summary>Reads <c>HOST:PORT</c>.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out HostPort? target)
    {
        target = null;
        int colon = text.LastIndexOf(':');
        return colon >= 0 && PortNumber.TryParse(text[(colon + 1)..], out int port) && TryCreate(text[..colon], port, out target);
    }

    /// <summary>A host without its port, and the port that it gets.</summary>
    internal static bool TryCreate(ReadOnlySpan<char> host, int port, [NotNullWhen(true)] out HostPort? target)
    {
        target = null;
        if (port == 0) return false;
        if (IpLiteral.TryParse(host, out IPAddress? address))
            target = new HostPort(address.ToString(), address, port);
        else if (IsHostName(host))
            target = new HostPort(host.ToString(), null, port);
        return target is not null;
    }

    /// <summary>The text to parse again: <c>HOST:PORT</c>.</summary>
    public override string ToString() => BracketedHost + ":" + Port.ToString(CultureInfo.InvariantCulture);

    /// <summary>The host as it stands in a URL: an IPv6 address has its brackets.</summary>
    internal string BracketedHost => Address?.AddressFamily == AddressFamily.InterNetworkV6 ? "[" + Host + "]" : Host;

    // RFC 1123 section 2.1, and the underscore that real networks use. A last label of digits only would be a mistyped IPv4 address.
    private static bool IsHostName(ReadOnlySpan<char> host)
    {
        if (host.Length is 0 or > MaxHostNameLength) return false;
        ReadOnlySpan<char> label = default;
        foreach (Range range in host.Split('.'))
        {
            label = host[range];
            if (label.Length is 0 or > MaxLabelLength || label[0] == '-' || label[^1] == '-') return false;
            foreach (char c in label)
                if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_')) return false;
        }
        return label.ContainsAnyExceptInRange('0', '9');
    }
}
