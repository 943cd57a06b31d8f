using System.Net;
using System.Net.Sockets;

namespace Ptth.Http.Transport;

/// <summary>The TCP options that every socket of this stack has.</summary>
/// <remarks>
/// On Linux an accepted socket has its listener's options (tcp(7)), so that accepting costs no calls for them.
/// </remarks>
internal static class TcpOptions
{
    /// <summary>Seconds without a byte before the kernel asks whether the peer is still there.</summary>
    private const int KeepAliveIdleSeconds = 60;

    /// <summary>Seconds between unanswered keepalive probes.</summary>
    private const int KeepAliveIntervalSeconds = 15;

    /// <summary>Unanswered probes before the kernel gives the connection up, after two minutes in all.</summary>
    private const int KeepAliveProbes = 4;

    /// <summary>Seconds after which a peer that does not answer is given up.</summary>
    public const int KeepAliveSeconds = KeepAliveIdleSeconds + (KeepAliveProbes * KeepAliveIntervalSeconds);

    // setsockopt(IPPROTO_TCP, TCP_CONGESTION) of Linux.
    private const int LinuxTcpLevel = 6;
    private const int LinuxTcpCongestion = 13;

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
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveIdleSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, KeepAliveIntervalSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, KeepAliveProbes);
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
