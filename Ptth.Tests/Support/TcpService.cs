using System.Net;
using System.Net.Sockets;

namespace Ptth.Tests.Support;

/// <summary>A TCP service in the test itself, on a free loopback port.</summary>
internal sealed class TcpService : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    /// <summary>Listens.</summary>
    public TcpService()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(1024);
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndPoint!;

    /// <summary>A service that sends back what comes in, in each direction to its end.</summary>
    public static TcpService Echo()
    {
        var service = new TcpService();
        service.ServeEach(EchoAsync);
        return service;
    }

    /// <summary>The next connection.</summary>
    public async Task<Socket> AcceptAsync(CancellationToken token)
    {
        var socket = await _listener.AcceptAsync(token);
        socket.NoDelay = true;
        return socket;
    }

    /// <summary>Serves every connection from now on, each on its own, until the service is disposed.</summary>
    public void ServeEach(Func<Socket, Task> serve) => _ = AcceptLoopAsync(serve);

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private static async Task EchoAsync(Socket socket)
    {
        var buffer = new byte[64 * 1024];
        for (int read; (read = await socket.ReceiveAsync(buffer)) > 0;)
            await socket.SendAllAsync(buffer.AsMemory(0, read), CancellationToken.None);
        socket.Shutdown(SocketShutdown.Send);
    }

    private static async Task ServeOneAsync(Socket socket, Func<Socket, Task> serve)
    {
        using (socket)
        {
            try
            {
                await serve(socket);
            }
            catch (SocketException)
            {
                // The peer broke the connection; the test sees it at the peer.
                socket.Close();
            }
        }
    }

    private async Task AcceptLoopAsync(Func<Socket, Task> serve)
    {
        try
        {
            while (true)
                _ = ServeOneAsync(await AcceptAsync(CancellationToken.None), serve);
        }
        catch (Exception e) when (e is ObjectDisposedException or SocketException)
        {
            // Disposing the service ends it.
            _listener.Close();
        }
    }
}
