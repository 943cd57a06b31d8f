using System.Net;
using System.Net.Sockets;
using NUnit.Framework;

namespace Ptth.Tests.Support;

/// <summary>The ends of a tunnel as plain sockets, and what tests do with them.</summary>
internal static class TcpStreams
{
    private const int BufferBytes = 128 * 1024;

    /// <summary>A TCP connection to <paramref name="endPoint"/>.</summary>
    /// <param name="endPoint">Where to.</param>
    /// <param name="token">Gives up.</param>
    /// <param name="from">The address to connect from; null leaves it to the kernel.</param>
    public static async Task<Socket> ConnectAsync(IPEndPoint endPoint, CancellationToken token, IPAddress? from = null)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (from is not null)
                socket.Bind(new IPEndPoint(from, 0));
            await socket.ConnectAsync(endPoint, token);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Connects where nothing can be had, and reads what comes.</summary>
    /// <returns>How that ended. A reset may come so soon that it is connecting that fails.</returns>
    public static async Task<StreamEnd> ConnectAndReadAsync(IPEndPoint endPoint, CancellationToken token)
    {
        try
        {
            using var socket = await ConnectAsync(endPoint, token);
            return await socket.ReceivePatternAsync(null, token);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            return new StreamEnd(0, EndKind.Broken);
        }
    }

    /// <summary>Sends all of <paramref name="bytes"/>.</summary>
    public static async Task SendAllAsync(this Socket socket, ReadOnlyMemory<byte> bytes, CancellationToken token)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[await socket.SendAsync(bytes, token)..];
    }

    /// <summary>Sends <paramref name="count"/> bytes of a pattern, from its beginning.</summary>
    /// <param name="socket">Where to send.</param>
    /// <param name="pattern">What to send.</param>
    /// <param name="count">How much.</param>
    /// <param name="token">Gives up.</param>
    /// <param name="progress">Is told how many bytes the kernel has taken.</param>
    public static async Task SendPatternAsync(
        this Socket socket, Pattern pattern, long count, CancellationToken token, Action<long>? progress = null)
    {
        var buffer = new byte[BufferBytes];
        for (var sent = 0L; sent < count;)
        {
            var piece = buffer.AsMemory(0, (int)Math.Min(buffer.Length, count - sent));
            pattern.Fill(piece.Span, sent);
            await socket.SendAllAsync(piece, token);
            sent += piece.Length;
            progress?.Invoke(sent);
        }
    }

    /// <summary>Reads to the stream's end and checks every byte.</summary>
    /// <param name="socket">Where to read.</param>
    /// <param name="pattern">What should come, from its beginning; null where anything may.</param>
    /// <param name="token">Gives up.</param>
    /// <param name="progress">Is told how many bytes have come.</param>
    public static async Task<StreamEnd> ReceivePatternAsync(
        this Socket socket, Pattern? pattern, CancellationToken token, Action<long>? progress = null)
    {
        var buffer = new byte[BufferBytes];
        var scratch = new byte[BufferBytes];
        var received = 0L;
        try
        {
            while (true)
            {
                var read = await socket.ReceiveAsync(buffer, token);
                if (read == 0)
                    return new StreamEnd(received, EndKind.Clean);
                if (pattern is not null)
                    Assert.That(pattern.Matches(buffer.AsSpan(0, read), received, scratch), Is.True, $"the bytes from {received} on differ");
                received += read;
                progress?.Invoke(received);
            }
        }
        catch (SocketException)
        {
            return new StreamEnd(received, EndKind.Broken);
        }
    }

    /// <summary>Reads exactly as much as <paramref name="buffer"/> holds.</summary>
    /// <exception cref="EndOfStreamException">The stream ended before.</exception>
    public static async Task ReceiveExactlyAsync(this Socket socket, Memory<byte> buffer, CancellationToken token)
    {
        while (!buffer.IsEmpty)
        {
            var read = await socket.ReceiveAsync(buffer, token);
            if (read == 0)
                throw new EndOfStreamException($"the stream ended {buffer.Length} bytes too early");
            buffer = buffer[read..];
        }
    }

    /// <summary>Reads to the stream's clean end.</summary>
    /// <returns>Everything that came.</returns>
    public static async Task<byte[]> ReceiveToEndAsync(this Socket socket, CancellationToken token)
    {
        using var all = new MemoryStream();
        var buffer = new byte[BufferBytes];
        for (int read; (read = await socket.ReceiveAsync(buffer, token)) > 0;)
            all.Write(buffer, 0, read);
        return all.ToArray();
    }

    /// <summary>Whether a connection whose own direction is still open was reset, whoever was told.</summary>
    /// <remarks>
    /// The kernel tells a reset once. When a send is under way it may be the one that is told; the reader then gets an
    /// end of stream, as after a FIN. The connection's state (TCP_INFO, tcp(7)) is closed after a reset alone.
    /// </remarks>
    public static bool IsReset(this Socket socket)
    {
        const int Tcp = 6;
        const int TcpInfo = 11;
        const byte Closed = 7;
        Span<byte> state = stackalloc byte[1];
        socket.GetRawSocketOption(Tcp, TcpInfo, state);
        return state[0] == Closed;
    }

    /// <summary>Ends the connection with RST instead of FIN.</summary>
    /// <remarks>Any other Close may send a FIN first, to unblock a call that is under way on another thread.</remarks>
    public static void Reset(this Socket socket) => socket.Close(timeout: 0);
}
