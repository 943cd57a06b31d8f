using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Ptth.Tests.Support;

/// <summary>An address that does not answer: a listener whose queue is full, to which the kernel says nothing.</summary>
internal sealed class FullListener : IDisposable
{
    private const string SynSent = "02"; // TCP_SYN_SENT, as in /proc/net/tcp

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<Socket> _queued = [];

    public FullListener()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(0);
        EndPoint = (IPEndPoint)_listener.LocalEndPoint!;
        Socket queued;
        do
        {
            queued = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
            _queued.Add(queued);
            try
            {
                queued.Connect(EndPoint);
            }
            catch (SocketException pending) when (pending.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
            {
                // On loopback the answer is there at once, or never.
            }
        }
        while (queued.Poll(TimeSpan.FromMilliseconds(20), SelectMode.SelectWrite));
        queued.Dispose();
    }

    /// <summary>Its address.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>How many sockets wait for its answer.</summary>
    public int HalfOpen()
    {
        string remote = string.Create(CultureInfo.InvariantCulture, $"0100007F:{EndPoint.Port:X4}");
        return File.ReadLines("/proc/net/tcp").Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Count(fields => fields[2] == remote && fields[3] == SynSent);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _queued.ForEach(static socket => socket.Dispose());
        _listener.Dispose();
    }
}
