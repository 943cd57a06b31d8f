using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Ptth.Common.Net;

namespace Ptth.Relay.Admission;

/// <summary>
/// What counts as one address where connections and failures are counted: an IPv4 address, or an IPv6 network of 64 bits, which is what
/// one subscriber has at least (RFC 6177), so that whoever has one has 2^64 addresses of it.
/// </summary>
internal readonly record struct PeerAddress
{
    private readonly ulong _bits;
    private readonly AddressFamily _family;

    private PeerAddress(AddressFamily family, ulong bits)
    {
        _family = family;
        _bits = bits;
    }

    /// <summary>The address of a peer; all whose address is not known are one.</summary>
    public static PeerAddress Of(EndPoint? endPoint) => endPoint is IPEndPoint { Address: var address } ? Of(address) : default;

    /// <summary>The address; an IPv4-mapped IPv6 one is the IPv4 one.</summary>
    public static PeerAddress Of(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        IPAddress normal = AddressRange.Normalize(address);
        normal.TryWriteBytes(bytes, out _);
        return new PeerAddress(normal.AddressFamily, BinaryPrimitives.ReadUInt64BigEndian(bytes));
    }

    /// <summary>For logs: <c>192.0.2.7</c> or <c>2001:db8::/64</c>.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        BinaryPrimitives.WriteUInt64BigEndian(bytes, _bits);
        return _family switch
        {
            AddressFamily.InterNetwork => new IPAddress(bytes[..4]).ToString(),
            AddressFamily.InterNetworkV6 => new IPAddress(bytes) + "/64",
            _ => "unknown",
        };
    }
}
