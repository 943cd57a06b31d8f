using System.Net;
using System.Net.Sockets;

namespace Ptth.Tests.Support;

/// <summary>Ports for programs that must be told one before they start.</summary>
/// <remarks>
/// They lie below the range from which the kernel takes ports for outgoing connections (32768 and up), so that
/// no connection can take one between the look and its use, nor while its program is being restarted.
/// </remarks>
internal static class FreePort
{
    private const int First = 15_000;
    private const int Last = 32_700;

    private static readonly Lock Taking = new();
    private static readonly HashSet<int> Taken = [];

    /// <summary>A loopback port that is free and that this run gives out once.</summary>
    public static IPEndPoint Take()
    {
        lock (Taking)
        {
            for (var tries = 0; tries < 1_000; tries++)
            {
                var endPoint = new IPEndPoint(IPAddress.Loopback, Random.Shared.Next(First, Last));
                if (Taken.Add(endPoint.Port) && CanBind(endPoint))
                    return endPoint;
            }
        }

        throw new InvalidOperationException($"no free port between {First} and {Last}");
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
