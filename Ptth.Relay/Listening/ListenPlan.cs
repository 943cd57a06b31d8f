using System.Diagnostics.CodeAnalysis;
using System.Net;
using Ptth.Common.Hosting;
using Ptth.Relay.Configuration;

namespace Ptth.Relay.Listening;

/// <summary>Which inherited socket speaks what, and which addresses of the configuration are yet to be bound.</summary>
/// <param name="Plain">Sockets that speak plain HTTP.</param>
/// <param name="Tls">Sockets that speak TLS.</param>
/// <param name="BindPlain">Addresses to bind for plain HTTP.</param>
/// <param name="BindTls">Addresses to bind for TLS.</param>
internal sealed record ListenPlan(
    IReadOnlyList<InheritedSocket> Plain, IReadOnlyList<InheritedSocket> Tls, IReadOnlyList<IPEndPoint> BindPlain, IReadOnlyList<IPEndPoint> BindTls)
{
    /// <summary>The names by which a socket says what it speaks.</summary>
    private const string PlainName = "http";
    private const string TlsName = "https";
    private const string AdminName = "admin";

    /// <summary>Makes the plan.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="given">The inherited sockets.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="problem">Why there is none: a socket for which there is no use, and the remedy.</param>
    public static bool TryMake(
        RelayConfig config, IReadOnlyList<InheritedSocket> given, [NotNullWhen(true)] out ListenPlan? plan, [NotNullWhen(false)] out string? problem)
    {
        IReadOnlyList<IPEndPoint> plainAddresses = config.Listen, tlsAddresses = config.Tls?.Listen ?? [];
        List<InheritedSocket> plain = [], tls = [];
        plan = null;
        foreach (InheritedSocket socket in given)
        {
            bool isTls = socket.Name == TlsName || (socket.Name != PlainName && (Covers(socket, tlsAddresses) || plainAddresses.Count == 0));
            problem = ProblemOf(socket, isTls, config);
            if (problem is not null) return false;
            (isTls ? tls : plain).Add(socket);
        }

        plan = new ListenPlan(plain, tls, [.. Uncovered(plainAddresses, given)], [.. Uncovered(tlsAddresses, given)]);
        problem = null;
        return true;
    }

    private static string? ProblemOf(InheritedSocket socket, bool isTls, RelayConfig config)
    {
        string name = socket.Name.Length > 0 ? $" (\"{socket.Name}\")" : "";
        if (socket.Name == AdminName) return $"the socket for {socket.EndPoint}{name} is for the admin listener, which binds its address itself; take it out of the socket's unit";
        if (isTls && config.Tls is null) return $"the socket for {socket.EndPoint}{name} is for TLS, and the configuration has no [tls]";
        if (isTls) return null;
        if (config.Listen.Count == 0)
        {
            return $"the socket for {socket.EndPoint}{name} is for plain HTTP, and the configuration speaks TLS alone: "
                + $"call it \"{TlsName}\" (FileDescriptorName= in the socket's unit), or add a top-level \"listen\"";
        }

        return socket.Name == PlainName || config.Tls is null || Covers(socket, config.Listen)
            ? null
            : $"the socket for {socket.EndPoint}{name} is at none of the configuration's addresses: "
                + $"say what it speaks by its name, \"{PlainName}\" or \"{TlsName}\" (FileDescriptorName= in the socket's unit)";
    }

    private static IEnumerable<IPEndPoint> Uncovered(IReadOnlyList<IPEndPoint> addresses, IReadOnlyList<InheritedSocket> given) =>
        addresses.Where(address => !given.Any(socket => Covers(socket, address)));

    private static bool Covers(InheritedSocket socket, IReadOnlyList<IPEndPoint> addresses) => addresses.Any(address => Covers(socket, address));

    /// <summary>Whether what comes to the address comes to the socket: it is bound to it, or to all addresses.</summary>
    private static bool Covers(InheritedSocket socket, IPEndPoint address)
    {
        if (socket.EndPoint.Port != address.Port) return false;
        if (socket.EndPoint.Address.Equals(address.Address)) return true;
        return socket.EndPoint.Address.Equals(IPAddress.Any)
            ? address.AddressFamily == socket.EndPoint.AddressFamily
            // One for all IPv6 addresses takes IPv4 as well, unless it was told not to.
            : socket.EndPoint.Address.Equals(IPAddress.IPv6Any) && (address.AddressFamily == socket.EndPoint.AddressFamily || socket.Socket.DualMode);
    }
}
