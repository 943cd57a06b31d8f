using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Ptth.Tests.Support;

/// <summary>
/// A service manager in little: a socket that it has made and keeps, and hands to each program that it starts (sd_listen_fds(3)).
/// </summary>
internal sealed class ManagedSocket : IDisposable
{
    private const int SetDescriptorFlags = 2;

    // bash, since other shells duplicate descriptors of one digit only. What was started keeps the shell's process ID.
    private const string HandOver = "exec 3<&$0 && export LISTEN_PID=$$ LISTEN_FDS=1 && exec \"$@\"";

    private readonly Socket _socket;

    /// <summary>Makes a socket.</summary>
    /// <param name="endPoint">What it is bound to.</param>
    /// <param name="listens">Whether it listens.</param>
    /// <param name="type">What kind it is.</param>
    public ManagedSocket(IPEndPoint endPoint, bool listens = true, SocketType type = SocketType.Stream)
    {
        _socket = new Socket(endPoint.AddressFamily, type, type == SocketType.Stream ? ProtocolType.Tcp : ProtocolType.Udp);
        _socket.Bind(endPoint);
        if (listens) _socket.Listen(1024);
        if (SetFlags((int)_socket.Handle, SetDescriptorFlags, 0) < 0) throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    /// <summary>What starts a program with the socket: a program and its arguments.</summary>
    public (string File, string[] Arguments) Wrap(string file, IEnumerable<string> arguments) =>
        ("bash", ["-c", HandOver, $"{(int)_socket.Handle}", file, .. arguments]);

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    [DllImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static extern int SetFlags(int descriptor, int command, int argument);
}
