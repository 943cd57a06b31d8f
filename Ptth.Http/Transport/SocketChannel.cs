using System.Net;
using System.Net.Sockets;

namespace Ptth.Http.Transport;

/// <summary>A plain TCP socket as a <see cref="ByteChannel"/>. It owns the socket.</summary>
public sealed class SocketChannel : ByteChannel
{
    /// <summary>Seconds without a byte before the kernel asks whether the peer is still there.</summary>
    private const int KeepAliveIdleSeconds = 60;

    /// <summary>Seconds between unanswered keepalive probes.</summary>
    private const int KeepAliveIntervalSeconds = 15;

    /// <summary>Unanswered probes before the kernel gives the connection up: 60 + 4 x 15 s, two minutes in all.</summary>
    private const int KeepAliveProbes = 4;

    private readonly EndPoint? _remoteEndPoint;

    /// <summary>Takes a connected socket over and sets the options that every socket of this stack has.</summary>
    public SocketChannel(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        Socket = socket;
        try
        {
            // A peer that has reset the connection already makes some of these fail; the first receive tells it better.
            _remoteEndPoint = socket.RemoteEndPoint;
            socket.NoDelay = true;
            socket.Blocking = false;
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveIdleSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, KeepAliveIntervalSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, KeepAliveProbes);
        }
        catch (SocketException)
        {
        }
    }

    /// <summary>The socket, non-blocking.</summary>
    public Socket Socket { get; }

    /// <summary>
    /// Whether closing breaks the connection off (RST) rather than ending it (FIN). Set while a stream is under way, so that the
    /// kernel does not pass off a killed process's stream as finished; unset when it is.
    /// </summary>
    public bool BreaksOnClose
    {
        set
        {
            try
            {
                Socket.LingerState = new LingerOption(value, 0);
            }
            catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
            {
                // The connection is gone already.
            }
        }
    }

    /// <inheritdoc/>
    public override EndPoint? RemoteEndPoint => _remoteEndPoint;

    /// <inheritdoc/>
    public override ValueTask<int> WaitReadableAsync() => Socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None);

    /// <inheritdoc/>
    public override ValueTask<int> ReceiveAsync(Memory<byte> buffer) => Socket.ReceiveAsync(buffer, SocketFlags.None);

    /// <inheritdoc/>
    public override ValueTask<int> SendAsync(ReadOnlyMemory<byte> bytes) => Socket.SendAsync(bytes, SocketFlags.None);

    /// <inheritdoc/>
    public override ValueTask<int> SendAsync(GatherList segments)
    {
        ArgumentNullException.ThrowIfNull(segments);
        return segments.SendOn(Socket);
    }

    /// <inheritdoc/>
    public override void ShutdownSend()
    {
        try
        {
            Socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The connection is gone already; whoever reads it next is told.
        }
        catch (ObjectDisposedException)
        {
        }
    }

    /// <inheritdoc/>
    public override void Abort() => Socket.Close(timeout: 0);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => Socket.Dispose();
}
