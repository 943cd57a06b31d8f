using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Ptth.Tests.Support;

/// <summary>An address that does not answer: a listener whose queue is full, to which the kernel says nothing.</summary>
internal sealed class FullListener : IDisposable
{
    // As in /proc/net/tcp.
    private const string SynSent = "02"; // TCP_SYN_SENT
    private const string Listen = "0A"; // TCP_LISTEN

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(15);

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Socket _queued = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public FullListener()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(0);
        EndPoint = (IPEndPoint)_listener.LocalEndPoint!;
        _queued.Connect(EndPoint);
        // One is one more than it was to hold. It is the kernel that says so, since an answer that is late looks like none.
        if (!SpinWait.SpinUntil(() => Queued() > 0, Bound)) throw new TimeoutException($"nobody is in the queue of {EndPoint}");
    }

    /// <summary>Its address.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>How many sockets wait for its answer.</summary>
    public int HalfOpen() => Sockets().Count(fields => fields[2] == Hex(EndPoint.Port) && fields[3] == SynSent);

    /// <inheritdoc/>
    public void Dispose()
    {
        _queued.Dispose();
        _listener.Dispose();
    }

    // "sl local_address rem_address st tx_queue:rx_queue ...": of one that listens the last is how many wait to be accepted.
    private int Queued() => Sockets().Where(fields => fields[1] == Hex(EndPoint.Port) && fields[3] == Listen)
        .Sum(static fields => int.Parse(fields[4].Split(':')[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));

    private static string Hex(int port) => string.Create(CultureInfo.InvariantCulture, $"0100007F:{port:X4}");

    private static IEnumerable<string[]> Sockets() =>
        File.ReadLines("/proc/net/tcp").Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
