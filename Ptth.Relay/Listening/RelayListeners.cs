using System.Net;
using System.Net.Sockets;
using Ptth.Common.Hosting;
using Ptth.Http.Transport;

namespace Ptth.Relay.Listening;

/// <summary>All that the relay listens on.</summary>
/// <param name="context">Its configuration, clock and log.</param>
/// <param name="onAccepted">Takes a connection over, and whether it speaks TLS; must not block.</param>
internal sealed class RelayListeners(RelayContext context, Action<Socket, bool> onAccepted) : IDisposable
{
    private readonly List<TcpListenerLoop> _plain = [];
    private readonly List<TcpListenerLoop> _tls = [];

    /// <summary>Whether some sockets are the service manager's: then a successor takes what is no longer accepted here.</summary>
    public bool AreInherited { get; private set; }

    /// <summary>The addresses on which plain HTTP is spoken, with their real ports.</summary>
    public IEnumerable<IPEndPoint> PlainAddresses => _plain.Select(static listener => listener.LocalEndPoint);

    /// <summary>Those on which TLS is.</summary>
    public IEnumerable<IPEndPoint> TlsAddresses => _tls.Select(static listener => listener.LocalEndPoint);

    /// <summary>All in words.</summary>
    public string DescribeAddresses() =>
        string.Join(", ", [.. PlainAddresses.Select(static address => address.ToString()), .. TlsAddresses.Select(static address => $"{address} (TLS)")]);

    /// <summary>Takes the inherited sockets, binds all addresses that they leave, then accepts on all of them.</summary>
    /// <param name="given">The inherited sockets.</param>
    /// <returns>False, after a log line, where one cannot be had.</returns>
    public bool TryStart(IReadOnlyList<InheritedSocket> given)
    {
        AreInherited = given.Count > 0;
        if (!ListenPlan.TryMake(context.Config, given, out ListenPlan? plan, out string? problem))
        {
            RelayLog.CannotUseSocket(context.Logger, problem);
            return false;
        }

        foreach (InheritedSocket socket in plan.Plain) _plain.Add(new TcpListenerLoop(socket.Socket, context.Time));
        foreach (InheritedSocket socket in plan.Tls) _tls.Add(new TcpListenerLoop(socket.Socket, context.Time));
        if (!TryBind(plan.BindPlain, _plain) || !TryBind(plan.BindTls, _tls)) return false;
        _plain.ForEach(listener => Accept(listener, false));
        _tls.ForEach(listener => Accept(listener, true));
        return true;
    }

    /// <summary>Accepts no more, and closes the sockets; for those that are shared nothing changes. What is queued there stays queued.</summary>
    public Task StopAsync() => Task.WhenAll(_plain.Concat(_tls).Select(static listener => listener.StopAsync()));

    /// <inheritdoc/>
    public void Dispose()
    {
        _plain.ForEach(static listener => listener.Dispose());
        _tls.ForEach(static listener => listener.Dispose());
    }

    private bool TryBind(IReadOnlyList<IPEndPoint> addresses, List<TcpListenerLoop> listeners)
    {
        foreach (IPEndPoint address in addresses)
        {
            try
            {
                listeners.Add(new TcpListenerLoop(address, context.Time));
            }
            catch (SocketException failure)
            {
                RelayLog.CannotListen(context.Logger, address, ListenFailure.Describe(failure.SocketErrorCode));
                return false;
            }
        }

        return true;
    }

    private void Accept(TcpListenerLoop listener, bool isTls) => _ = listener.RunAsync(
        socket => onAccepted(socket, isTls),
        failure => RelayLog.CannotAccept(context.Logger, ListenFailure.Describe(failure)));
}
