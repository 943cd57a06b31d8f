using System.Net;
using System.Net.Sockets;

namespace Ptth.Tests.Support;

/// <summary>Ports for programs that must be told one before they start.</summary>
/// <remarks>
/// They lie below the range from which the kernel takes ports for outgoing connections (32768 and up), so that
/// no connection can take one between the look and its use, nor while its program is being restarted; and above
/// those that the scripts in perf take. Other runs of the tests, which may go on at the same time, leave them alone:
/// each port is reserved by the name of a socket that nobody talks to, for as long as this process lives.
/// </remarks>
internal static class FreePort
{
    private const int First = 22_000;
    private const int Last = 32_700;

    private static readonly Lock Taking = new();
    private static readonly Dictionary<int, Socket> Taken = [];

    /// <summary>A loopback port that is free and that this run gives out once, and no other run meanwhile.</summary>
    public static IPEndPoint Take()
    {
        lock (Taking)
        {
            for (var tries = 0; tries < 1_000; tries++)
            {
                var endPoint = new IPEndPoint(IPAddress.Loopback, Random.Shared.Next(First, Last));
                if (TryReserve(endPoint.Port) && CanBind(endPoint))
                    return endPoint;
            }
        }

        throw new InvalidOperationException($"no free port between {First} and {Last}");
    }

    private static bool TryReserve(int port)
    {
        if (Taken.ContainsKey(port)) return false;
        var reservation = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        try
        {
            // A name without a file (unix(7)): it goes when the process does, and each network namespace has its own, as with ports.
            reservation.Bind(new UnixDomainSocketEndPoint($"\0ptth-test-port-{port}"));
            Taken.Add(port, reservation);
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            reservation.Dispose();
            return false;
        }
    }

    private static bool CanBind(IPEndPoint endPoint)
    {
        using var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(endPoint);
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return false;
        }
    }
}
