using System.Net;
using System.Net.Sockets;

namespace Ptth.Load.Soak;

/// <summary>The TCP server behind the chains: reads each tunnel's header and does its half.</summary>
internal sealed class FarService : IDisposable
{
    private const int Backlog = 512;
    private static readonly TimeSpan HeaderBound = TimeSpan.FromSeconds(60);

    private readonly Socket _listener;
    private readonly TunnelBook _book;
    private readonly Tally _tally;
    private int _open;

    /// <summary>Serves from now on.</summary>
    /// <param name="listener">A bound socket.</param>
    /// <param name="book">Where the tunnels stand.</param>
    /// <param name="tally">Where failures go that belong to no tunnel.</param>
    public FarService(Socket listener, TunnelBook book, Tally tally)
    {
        _listener = listener;
        _book = book;
        _tally = tally;
        listener.Listen(Backlog);
        _ = AcceptAsync();
    }

    /// <summary>How many connections are open.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    /// <summary>A socket bound to <paramref name="address"/>, to serve at.</summary>
    public static Socket Bind(IPEndPoint address)
    {
        var listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(address);
        return listener;
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                _ = ServeAsync(await _listener.AcceptAsync());
            }
            catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
            {
                // The run is over.
                return;
            }
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        Interlocked.Increment(ref _open);
        using var late = new CancellationTokenSource(HeaderBound);
        TunnelRun? run = null;
        try
        {
            socket.NoDelay = true;
            byte[] header = new byte[TunnelHeader.Bytes];
            for (int filled = 0; filled < header.Length;)
            {
                int received = await socket.ReceiveAsync(header.AsMemory(filled), late.Token);
                if (received == 0 && filled == 0)
                {
                    // A client that gave up while its proxy asked for a relay that was away; whether bytes were lost its own end tells.
                    _tally.Count("connections that ended without a byte");
                    return;
                }

                if (received == 0) throw new InvalidDataException($"a clean end after {filled} bytes of a header");
                filled += received;
            }

            TunnelPlan plan = TunnelHeader.TryRead(header) ?? throw new InvalidDataException("a connection began with what is no header");
            run = _book.Find(plan.Id) ?? throw new InvalidDataException($"nobody has opened tunnel {plan.Id:x}");
            if (!run.TryAttach())
            {
                run = null;
                throw new InvalidDataException($"tunnel {plan.Id:x} came twice");
            }

            late.CancelAfter(run.Bound);
            run.ServerEnded(await new StreamHalf(socket, plan.Server, late.Token).RunAsync());
        }
        catch (InvalidDataException failure)
        {
            _tally.Fail($"at the service: {failure.Message}");
        }
        catch (SocketException) when (run is null)
        {
            // Before its header: the client's end tells whether it may have broken.
            _tally.Count("connections that broke before their header");
        }
        catch (OperationCanceledException)
        {
            _tally.Fail("at the service: a connection without a header");
        }
        finally
        {
            StreamHalf.Reset(socket);
            Interlocked.Decrement(ref _open);
        }
    }
}
