using System.Net;
using System.Net.Sockets;

namespace Ptth.Http.Transport;

/// <summary>One listening socket and the loop that accepts from it.</summary>
public sealed class TcpListenerLoop : IDisposable
{
    /// <summary>Connections that the kernel keeps ready while the program is busy; the system's own limit may be lower.</summary>
    private const int Backlog = 1024;

    /// <summary>
    /// After this many connections that were queued already others have the thread. Those are accepted without ever waiting, and the
    /// thread is the one that completes all sockets' operations.
    /// </summary>
    private const int AcceptsPerTurn = 16;

    /// <summary>How long the loop rests when the system has no descriptor or memory left for another connection.</summary>
    private static readonly TimeSpan ExhaustionPause = TimeSpan.FromMilliseconds(250);

    private readonly Socket _socket;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stopping = new();
    private Task _accepting = Task.CompletedTask;

    /// <summary>Binds and listens. Port 0 takes any free port.</summary>
    /// <exception cref="SocketException">The address cannot be had.</exception>
    public TcpListenerLoop(IPEndPoint address, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(address);
        _time = time;
        _socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            // ReuseAddress stays unset: the framework takes it to mean that several programs may share the port. What a restart
            // needs, to bind while old connections are in TIME_WAIT, it does for TCP by itself.
            // An IPv6 address means IPv6, so that 0.0.0.0 and [::] can be listened on together.
            if (address.AddressFamily == AddressFamily.InterNetworkV6) _socket.DualMode = false;
            TcpOptions.Set(_socket, address.Address);
            _socket.Bind(address);
            _socket.Listen(Backlog);
        }
        catch
        {
            _socket.Dispose();
            throw;
        }

        LocalEndPoint = (IPEndPoint)_socket.LocalEndPoint!;
    }

    /// <summary>Takes a socket over that listens already, such as one of the service manager's.</summary>
    public TcpListenerLoop(Socket listening, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(listening);
        _time = time;
        _socket = listening;
        LocalEndPoint = (IPEndPoint)listening.LocalEndPoint!;
        TcpOptions.Set(listening, LocalEndPoint.Address);
    }

    /// <summary>The address with the port that was really bound.</summary>
    public IPEndPoint LocalEndPoint { get; }

    /// <summary>Accepts until the loop is stopped or disposed.</summary>
    /// <param name="onAccepted">Takes the socket over; must not block.</param>
    /// <param name="onFailure">Is told why no connection can be accepted for now.</param>
    public Task RunAsync(Action<Socket> onAccepted, Action<SocketError> onFailure) => _accepting = AcceptAsync(onAccepted, onFailure);

    /// <summary>
    /// Accepts no more, and closes the socket once no accept is under way: the framework would end one that is by disconnecting the
    /// socket, and with it the socket of every other process that shares it.
    /// </summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _accepting;
        Dispose();
    }

    private async Task AcceptAsync(Action<Socket> onAccepted, Action<SocketError> onFailure)
    {
        for (int inTurn = 1; ; inTurn++)
        {
            Socket accepted;
            try
            {
                Task<Socket> accept = _socket.AcceptAsync(_stopping.Token).AsTask();
                if (!accept.IsCompleted) inTurn = 0;
                accepted = await accept;
            }
            catch (Exception end) when (end is ObjectDisposedException or OperationCanceledException)
            {
                return;
            }
            catch (SocketException failure) when (failure.SocketErrorCode is SocketError.OperationAborted or SocketError.InvalidArgument)
            {
                return;
            }
            catch (SocketException failure) when (failure.SocketErrorCode == SocketError.ConnectionReset)
            {
                // The peer went away while it was queued.
                continue;
            }
            catch (SocketException failure)
            {
                onFailure(failure.SocketErrorCode);
                await Task.Delay(ExhaustionPause, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }

            TcpOptions.SetAccepted(accepted, LocalEndPoint.Address);
            onAccepted(accepted);
            if (inTurn < AcceptsPerTurn) continue;
            await Task.Yield();
            inTurn = 0;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
