using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Ptth.Http.Transport;

/// <summary>A plain TCP socket as a <see cref="ByteChannel"/>. It owns the socket.</summary>
public sealed class SocketChannel : ByteChannel
{
    // getsockopt(IPPROTO_TCP, TCP_INFO) of Linux, and where in struct tcp_info stand the connection's state, the number of probes without
    // an answer, the microseconds before it sends again, the number of segments without an acknowledgement, and the milliseconds since the
    // last acknowledgement.
    private const int LinuxTcpLevel = 6;
    private const int LinuxTcpInfo = 11;
    private const int ProbesAt = 3;
    private const int RetransmissionTimeAt = 8;
    private const int UnacknowledgedAt = 24;
    private const int LastAcknowledgementAt = 56;

    // No state that a FIN leads to while our own direction is open.
    private const byte LinuxTcpClose = 7;

    private readonly EndPoint? _remoteEndPoint;
    private volatile bool _sendEnded;

    /// <summary>Takes a connected socket over.</summary>
    public SocketChannel(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        Socket = socket;
        try
        {
            // A peer that has reset the connection already makes these fail, and so does whoever has closed the socket to make room for
            // another one; the first receive tells it better.
            _remoteEndPoint = socket.RemoteEndPoint;
            socket.Blocking = false;
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
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
    public override bool IsReadable => Socket.Poll(0, SelectMode.SelectRead);

    /// <inheritdoc/>
    public override ValueTask<int> ReceiveAsync(Memory<byte> buffer) => Socket.ReceiveAsync(buffer, SocketFlags.None);

    /// <inheritdoc/>
    public override ValueTask<int> ReceiveReadyAsync(Memory<byte> buffer)
    {
        if (!OperatingSystem.IsLinux()) return ReceiveAsync(buffer);
        try
        {
            return ValueTask.FromResult(LinuxSocket.TryReceive(Socket.SafeHandle, buffer.Span));
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException)
        {
            return ValueTask.FromException<int>(failure);
        }
    }

    /// <inheritdoc/>
    /// <remarks>Once our own direction has ended, no send is left that could have been told of a reset instead of the receive.</remarks>
    public override bool EndedCleanly => _sendEnded || !OperatingSystem.IsLinux() || LinuxState() != LinuxTcpClose;

    /// <inheritdoc/>
    public override PeerDebt? Debt => OperatingSystem.IsLinux() ? LinuxDebt() : null;

    /// <inheritdoc/>
    public override void Check(PeerCheck check)
    {
        try
        {
            TcpOptions.SetCheck(Socket, check);
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            // The connection is gone already.
        }
    }

    /// <inheritdoc/>
    /// <remarks>Most sends are taken at once; only others need the operation that the framework then keeps with the socket.</remarks>
    public override ValueTask<int> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        int sent = 0;
        if (OperatingSystem.IsLinux())
        {
            try
            {
                sent = Math.Max(0, LinuxSocket.TrySend(Socket.SafeHandle, bytes.Span));
            }
            catch (Exception failure) when (failure is IOException or ObjectDisposedException)
            {
                return ValueTask.FromException<int>(failure);
            }

            if (sent == bytes.Length) return ValueTask.FromResult(sent);
        }

        return SendRestAsync(bytes[sent..], sent);
    }

    /// <inheritdoc/>
    public override ValueTask<int> SendAsync(GatherList segments)
    {
        ArgumentNullException.ThrowIfNull(segments);
        return segments.Count == 1 ? SendAsync(segments[0].AsMemory()) : segments.SendOn(Socket);
    }

    /// <inheritdoc/>
    public override void ShutdownSend()
    {
        // Before the call: from then on the state may be TCP_CLOSE after two clean ends.
        _sendEnded = true;
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

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> SendRestAsync(ReadOnlyMemory<byte> rest, int sent) => sent + await Socket.SendAsync(rest, SocketFlags.None);

    private PeerDebt? LinuxDebt()
    {
        Span<byte> info = stackalloc byte[LastAcknowledgementAt + sizeof(uint)];
        try
        {
            Socket.GetRawSocketOption(LinuxTcpLevel, LinuxTcpInfo, info);
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            // Closed by ourselves: there is nothing to wait for.
            return null;
        }

        bool hasSegments = MemoryMarshal.Read<uint>(info[UnacknowledgedAt..]) > 0;
        if (!hasSegments && info[ProbesAt] == 0) return null;
        return new PeerDebt(MemoryMarshal.Read<uint>(info[LastAcknowledgementAt..]), hasSegments, info[ProbesAt],
            MemoryMarshal.Read<uint>(info[RetransmissionTimeAt..]) / 1000);
    }

    private byte LinuxState()
    {
        try
        {
            Span<byte> state = stackalloc byte[1];
            Socket.GetRawSocketOption(LinuxTcpLevel, LinuxTcpInfo, state);
            return state[0];
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            // Closed by ourselves.
            return LinuxTcpClose;
        }
    }
}
