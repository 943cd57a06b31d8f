using System.Net;
using System.Net.Sockets;

namespace Ptth.Load;

/// <summary>Blocking connections through a chain. All of the load is blocking calls: they cost the least CPU.</summary>
internal static class Dialer
{
    /// <summary>The bytes of a message and of its echo.</summary>
    public const int MessageBytes = 64;

    /// <summary>The stack of a thread that only sends and receives.</summary>
    public const int StackBytes = 256 * 1024;

    /// <summary>Connects.</summary>
    /// <param name="target">Where.</param>
    /// <param name="patience">How long a send or a receive may take before it fails.</param>
    public static Socket Connect(IPEndPoint target, TimeSpan patience)
    {
        var socket = new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true,
            SendTimeout = (int)patience.TotalMilliseconds,
            ReceiveTimeout = (int)patience.TotalMilliseconds,
        };
        try
        {
            socket.Connect(target);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Sends a message and receives as much; whether it came back the same.</summary>
    public static bool Echo(Socket socket, ReadOnlySpan<byte> message)
    {
        Span<byte> received = stackalloc byte[MessageBytes];
        socket.Send(message);
        return TryFill(socket, received[..message.Length]) && received[..message.Length].SequenceEqual(message);
    }

    /// <summary>Receives until the buffer is full; false if the connection ends before.</summary>
    public static bool TryFill(Socket socket, Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            int received = socket.Receive(buffer);
            if (received == 0) return false;
            buffer = buffer[received..];
        }

        return true;
    }

    /// <summary>A message whose first byte does not ask the service to discard.</summary>
    public static byte[] Message(int number)
    {
        byte[] message = new byte[MessageBytes];
        message[0] = (byte)'E';
        for (int i = 1; i < message.Length; i++) message[i] = (byte)(number + i);
        return message;
    }

    /// <summary>Runs one thread for each number below <paramref name="count"/> and waits for them all.</summary>
    public static void RunThreads(int count, Action<int> body)
    {
        Thread[] threads = [.. Enumerable.Range(0, count).Select(number => new Thread(() => body(number), StackBytes))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
    }
}
