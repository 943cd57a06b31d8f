using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Ptth.Http.Transport;

/// <summary>The TCP options that every socket of this stack has.</summary>
/// <remarks>
/// On Linux an accepted socket has its listener's options (tcp(7)), so that accepting costs no calls for them.
/// </remarks>
internal static class TcpOptions
{
    /// <summary>Unanswered keepalive probes before the kernel gives a connection up.</summary>
    public const int KeepAliveProbes = 4;

    // setsockopt(IPPROTO_TCP) of Linux: TCP_CONGESTION and TCP_RTO_MAX_MS.
    private const int LinuxTcpLevel = 6;
    private const int LinuxTcpCongestion = 13;
    private const int LinuxTcpLongestRetransmission = 44;

    /// <summary>
    /// The longest time between two retransmissions, milliseconds, where the kernel lets it be set (Linux 6.15). By itself it is two minutes, so that a
    /// path that was gone for a while comes back and nothing is sent on it for as long again; and a window that is closed is asked about as
    /// seldom. What it costs is a segment each 4 s, for the 20 s after which <see cref="PeerSilence"/> gives the peer up.
    /// </summary>
    private const int LongestRetransmissionMilliseconds = 4000;

    private static volatile bool _cannotSetRetransmission;

    /// <summary>For a socket before it listens or connects.</summary>
    /// <param name="socket">Neither listening nor connected.</param>
    /// <param name="address">What it is to be bound or connected to.</param>
    public static void Set(Socket socket, IPAddress address)
    {
        SetCommon(socket);
        if (IsLoopback(address)) SetUnpaced(socket);
    }

    /// <summary>For a socket that was accepted.</summary>
    /// <param name="socket">The connected socket.</param>
    /// <param name="bound">What its listener is bound to.</param>
    public static void SetAccepted(Socket socket, IPAddress bound)
    {
        try
        {
            if (!OperatingSystem.IsLinux()) SetCommon(socket);
            if (!IsLoopback(bound) && socket.RemoteEndPoint is IPEndPoint peer && IsLoopback(peer.Address)) SetUnpaced(socket);
        }
        catch (SocketException)
        {
            // The peer has reset the connection already; the first receive tells it better.
        }
    }

    private static bool IsLoopback(IPAddress address) =>
        IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);

    private static void SetCommon(Socket socket)
    {
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        SetCheck(socket, PeerCheck.Usual);
        SetRetransmission(socket);
    }

    /// <summary>How a peer that rests is asked whether it is there. On Linux a probe that is due by it is sent at once.</summary>
    public static void SetCheck(Socket socket, PeerCheck check)
    {
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, check.Probes);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, check.IntervalSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, check.RestSeconds);
    }

    private static void SetRetransmission(Socket socket)
    {
        if (!OperatingSystem.IsLinux() || _cannotSetRetransmission) return;
        try
        {
            int milliseconds = LongestRetransmissionMilliseconds;
            socket.SetRawSocketOption(LinuxTcpLevel, LinuxTcpLongestRetransmission, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in milliseconds)));
        }
        catch (SocketException)
        {
            // An older kernel.
            _cannotSetRetransmission = true;
        }
    }

    /// <summary>
    /// Within one machine there is no path to be gentle to, but many a server's default, BBR, paces each send by a timer there too:
    /// that costs five times the CPU of the bytes. Reno does not pace, is in every Linux kernel, and is allowed to every user.
    /// </summary>
    private static void SetUnpaced(Socket socket)
    {
        if (!OperatingSystem.IsLinux()) return;
        try
        {
            socket.SetRawSocketOption(LinuxTcpLevel, LinuxTcpCongestion, "reno"u8);
        }
        catch (SocketException)
        {
            // Not allowed here, or the peer is gone: the system's own choice works too.
        }
    }
}
