using System.Net;
using System.Net.Sockets;

namespace Ptth.Tests.Support;

/// <summary>Two ends of one TCP connection on loopback.</summary>
internal sealed record InProcessTcp(Socket Ours, Socket Peers)
{
    /// <summary>Makes one.</summary>
    /// <param name="bufferBytes">The size of all four kernel buffers; null leaves it to the kernel.</param>
    public static InProcessTcp Connect(int? bufferBytes = null)
    {
        using Socket listener = New(bufferBytes);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        Socket peers = New(bufferBytes);
        // On loopback a connect to a listening socket does not wait.
        peers.Connect(listener.LocalEndPoint!);
        Socket ours = listener.Accept();
        ours.NoDelay = true;
        return new InProcessTcp(ours, peers);
    }

    private static Socket New(int? bufferBytes)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (bufferBytes is { } bytes)
        {
            // An accepted socket has its listener's sizes.
            socket.ReceiveBufferSize = bytes;
            socket.SendBufferSize = bytes;
        }

        return socket;
    }
}
