using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Ptth.Load;

/// <summary>
/// What the chains lead to. A connection whose first byte is <c>D</c> is discarded up to its end and answered with the number of bytes,
/// 8 of them, big-endian; one whose first byte is <c>H</c> also with a hash of them (<see cref="RollingHash"/>), 8 bytes; any other is
/// echoed.
/// </summary>
/// <remarks>
/// Threads take turns: all that are free wait in accept, and the one that gets a connection serves it. The last free one starts
/// another first. So a connection costs no hand-over from thread to thread.
/// </remarks>
internal sealed class Service
{
    /// <summary>The first byte of what is to be discarded.</summary>
    public const byte Discard = (byte)'D';

    /// <summary>The first byte of what is to be hashed.</summary>
    public const byte Hash = (byte)'H';

    private const int EchoBytes = 4096;
    private const int DiscardBytes = 256 * 1024;
    private const int Backlog = 4096;

    private readonly Socket _listener;
    private int _free;

    private Service(Socket listener) => _listener = listener;

    /// <summary>Serves for that long.</summary>
    public static void Run(IPEndPoint listen, TimeSpan time)
    {
        using var listener = new Socket(listen.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(listen);
        listener.Listen(Backlog);
        new Service(listener).StartThread();
        Thread.Sleep(time);
    }

    private void StartThread()
    {
        Interlocked.Increment(ref _free);
        new Thread(Serve, Dialer.StackBytes) { IsBackground = true }.Start();
    }

    private void Serve()
    {
        byte[] buffer = new byte[EchoBytes];
        while (true)
        {
            Socket socket;
            try
            {
                socket = _listener.Accept();
            }
            catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
            {
                // The program ends.
                return;
            }

            if (Interlocked.Decrement(ref _free) == 0) StartThread();
            ServeOne(socket, buffer);
            Interlocked.Increment(ref _free);
        }
    }

    private static void ServeOne(Socket socket, byte[] buffer)
    {
        using (socket)
        {
            try
            {
                socket.NoDelay = true;
                int received = socket.Receive(buffer);
                if (received > 0 && buffer[0] == Discard) CountRest(socket, received);
                if (received > 0 && buffer[0] == Hash)
                {
                    HashRest(socket, buffer.AsSpan(0, received));
                    return;
                }

                for (; received > 0; received = socket.Receive(buffer)) socket.Send(buffer.AsSpan(0, received));
            }
            catch (SocketException)
            {
                // The chain broke the connection off; the other end counts that.
            }
        }
    }

    private static void HashRest(Socket socket, ReadOnlySpan<byte> first)
    {
        byte[] buffer = GC.AllocateUninitializedArray<byte>(DiscardBytes);
        var hash = new RollingHash();
        hash.Add(first);
        while (socket.Receive(buffer) is int more and > 0) hash.Add(buffer.AsSpan(0, more));
        BinaryPrimitives.WriteInt64BigEndian(buffer, hash.Bytes);
        BinaryPrimitives.WriteUInt64BigEndian(buffer.AsSpan(sizeof(long)), hash.Value());
        socket.Send(buffer.AsSpan(0, 2 * sizeof(long)));
        socket.Shutdown(SocketShutdown.Send);
    }

    private static void CountRest(Socket socket, long received)
    {
        byte[] buffer = GC.AllocateUninitializedArray<byte>(DiscardBytes);
        while (socket.Receive(buffer) is int more and > 0) received += more;
        BinaryPrimitives.WriteInt64BigEndian(buffer, received);
        socket.Send(buffer.AsSpan(0, sizeof(long)));
        socket.Shutdown(SocketShutdown.Send);
    }
}
