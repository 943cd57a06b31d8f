using System.Net.Sockets;
using System.Text;

namespace Ptth.Demo;

/// <summary>The services themselves. They know nothing of the relay: plain TCP on a loopback port.</summary>
internal static class Services
{
    private const int MaxHeadBytes = 16 * 1024;

    /// <summary>Accepts connections for ever and serves each on its own.</summary>
    public static async Task ServeAsync(Socket listener, Func<NetworkStream, Task> serve)
    {
        while (true)
        {
            var socket = await listener.AcceptAsync();
            _ = ServeOneAsync(socket, serve);
        }
    }

    /// <summary>Sends back what comes in, until the sender ends its side.</summary>
    public static Task EchoAsync(NetworkStream stream) => stream.CopyToAsync(stream);

    /// <summary>Reads a request's head and answers with one small page.</summary>
    public static async Task PageAsync(NetworkStream stream)
    {
        if (!await ReadHeadAsync(stream))
            return;
        var body = Encoding.UTF8.GetBytes(
            $"<!doctype html><title>PtthRaw</title><p>This page came through the relay, served by process {Environment.ProcessId}.\n");
        var head = Encoding.ASCII.GetBytes(
            $"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n");
        await stream.WriteAsync(head);
        await stream.WriteAsync(body);
    }

    private static async Task<bool> ReadHeadAsync(NetworkStream stream)
    {
        var head = new byte[MaxHeadBytes];
        for (var length = 0; length < head.Length;)
        {
            var read = await stream.ReadAsync(head.AsMemory(length));
            if (read == 0)
                return false;
            length += read;
            if (head.AsSpan(0, length).IndexOf("\r\n\r\n"u8) >= 0)
                return true;
        }

        return false;
    }

    private static async Task ServeOneAsync(Socket socket, Func<NetworkStream, Task> serve)
    {
        try
        {
            await using var stream = new NetworkStream(socket, ownsSocket: true);
            await serve(stream);
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            Console.Error.WriteLine($"a connection broke: {e.Message}");
        }
    }
}
