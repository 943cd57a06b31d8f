using System.Net;
using System.Net.Sockets;

namespace Ptth.Common.Hosting;

/// <summary>A listening TCP socket that the service manager has bound for this process.</summary>
/// <param name="Name">What it is called (systemd's <c>FileDescriptorName=</c>); without that the socket unit's name, or empty.</param>
/// <param name="Socket">The socket, for the caller to own.</param>
public sealed record InheritedSocket(string Name, Socket Socket)
{
    /// <summary>What it is bound to.</summary>
    public IPEndPoint EndPoint { get; } = (IPEndPoint)Socket.LocalEndPoint!;
}
