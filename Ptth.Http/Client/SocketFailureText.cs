using System.Net.Sockets;

namespace Ptth.Http.Client;

/// <summary>The usual failures of sockets and of the resolver in words; the framework's own texts are left out of small executables.</summary>
internal static class SocketFailureText
{
    public static string Of(SocketException failure) => failure.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => "connection refused",
        SocketError.TimedOut => "timed out",
        SocketError.NetworkUnreachable => "network unreachable",
        SocketError.HostUnreachable => "host unreachable",
        SocketError.HostNotFound or SocketError.NoData => "no such name",
        SocketError.TryAgain => "the name server does not answer",
        _ => failure.SocketErrorCode.ToString(),
    };
}
