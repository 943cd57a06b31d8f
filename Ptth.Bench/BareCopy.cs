using System.Net;
using System.Net.Sockets;

namespace Ptth.Bench;

/// <summary>The least that a relay can be: one loop from one socket to another, without a protocol.</summary>
internal sealed class BareCopy : IDisposable
{
    private const int BufferBytes = 64 * 1024;

    private readonly List<Socket> _sockets = [];

    public BareCopy()
    {
        (Source, Socket fromSource) = Pair();
        (Socket toDestination, Destination) = Pair();
        _ = CopyAsync(fromSource, toDestination);
        _ = CopyAsync(toDestination, fromSource);
    }

    /// <summary>One end; what goes in here comes out at the other.</summary>
    public Socket Source { get; }

    /// <summary>The other end.</summary>
    public Socket Destination { get; }

    public void Dispose() => _sockets.ForEach(static socket => socket.Dispose());

    private static async Task CopyAsync(Socket from, Socket to)
    {
        byte[] buffer = new byte[BufferBytes];
        try
        {
            while (true)
            {
                int received = await from.ReceiveAsync(buffer.AsMemory());
                if (received == 0) return;
                await to.SendAsync(buffer.AsMemory(0, received));
            }
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            // The benchmark has ended.
        }
    }

    private (Socket Client, Socket Server) Pair()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.Connect(listener.LocalEndPoint!);
        Socket server = listener.Accept();
        server.NoDelay = true;
        _sockets.AddRange([client, server]);
        return (client, server);
    }
}
