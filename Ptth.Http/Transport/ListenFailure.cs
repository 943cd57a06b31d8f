using System.Net.Sockets;

namespace Ptth.Http.Transport;

/// <summary>Why an address cannot be listened on, or its connections not accepted, in words, with the remedy.</summary>
public static class ListenFailure
{
    /// <summary>The words.</summary>
    public static string Describe(SocketError error) => error switch
    {
        SocketError.AddressAlreadyInUse => "another program listens there; stop it, or choose another port",
        SocketError.AddressNotAvailable => "this machine has no such address; 0.0.0.0 or [::] means all that it has",
        SocketError.AccessDenied => "ports below 1024 need the capability CAP_NET_BIND_SERVICE, or choose a higher port",
        SocketError.AddressFamilyNotSupported => "this machine does not have that kind of address; leave it out",
        SocketError.TooManyOpenSockets => "all file descriptors are in use; raise their limit (ulimit -n, LimitNOFILE= for systemd)",
        _ => error.ToString(),
    };
}
