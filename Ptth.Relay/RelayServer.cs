using System.Net;
using System.Net.Sockets;
using Ptth.Common.Hosting;
using Ptth.Common.Net;
using Ptth.Http.Core;
using Ptth.Http.Server;
using Ptth.Http.Transport;
using Ptth.Http.Transport.Tls;
using Ptth.Relay.Admission;
using Ptth.Relay.Configuration;
using Ptth.Relay.Listening;
using Ptth.Relay.Tls;
using Ptth.Relay.Tunnels;

namespace Ptth.Relay;

/// <summary>The relay's listeners and connections: from a TCP connection to the dispatcher, and to the end of all.</summary>
internal sealed class RelayServer : IDisposable
{
    private readonly RelayContext _context;
    private readonly LiveCertificate? _certificate;
    private readonly ConnectionGate _gate;
    private readonly RequestGuard _guard;
    private readonly ConnectionSet _connections = new();
    private readonly RelayListeners _listeners;
    private volatile HttpServerOptions _options;
    private volatile bool _endsConnections;

    /// <summary>A relay that listens nowhere yet.</summary>
    /// <param name="context">What its endpoints work with.</param>
    /// <param name="certificate">What it shows where it speaks TLS; null where it does not.</param>
    public RelayServer(RelayContext context, LiveCertificate? certificate)
    {
        _context = context;
        _certificate = certificate;
        var strangers = new StrangersLog(context.Logger, context.Ticker);
        _gate = new ConnectionGate(context.Config.Limits, context.Time, (address, bound) =>
        {
            context.Statistics.TurnedAway.Increment((int)bound);
            strangers.TurnedAway(address, bound);
        });
        _guard = new RequestGuard(context, _gate);
        var dispatcher = new Dispatcher(context, _guard, strangers);
        _options = With(context.Config, new HttpServerOptions
        {
            Ticker = context.Ticker,
            Handler = dispatcher.HandleAsync,
            ErrorResponse = Problems.OfStatus,
            OnResponse = context.Statistics.OnResponse,
            OnRefused = strangers.RefusedBytes,
            OnHandshakeFailed = (remote, failure) => RelayLog.HandshakeFailed(context.Logger, remote, failure.Message),
            OnEnded = OnEnded,
            IsDraining = () => _endsConnections,
        });
        _listeners = new RelayListeners(context, Serve);
        context.Ticker.Add(context.Tunnels);
    }

    /// <summary>The addresses that are listened on, with their real ports, those with TLS last.</summary>
    public IEnumerable<IPEndPoint> Addresses => PlainAddresses.Concat(TlsAddresses);

    /// <summary>Those on which plain HTTP is spoken.</summary>
    public IEnumerable<IPEndPoint> PlainAddresses => _listeners.PlainAddresses;

    /// <summary>Those on which TLS is.</summary>
    public IEnumerable<IPEndPoint> TlsAddresses => _listeners.TlsAddresses;

    /// <summary>All in words.</summary>
    public string DescribeAddresses() => _listeners.DescribeAddresses();

    /// <summary>When the certificate in use expires; null where no TLS is spoken.</summary>
    public DateTime? CertificateExpires => _certificate?.NotAfter;

    /// <summary>How many connections are open.</summary>
    public int Connections => _gate.Count;

    /// <summary>How many of them no known key has come on.</summary>
    public int Unauthenticated => _gate.Unauthenticated;

    /// <summary>Listens on all addresses, by the inherited sockets where there are some. False, after a log line, where one cannot be had.</summary>
    public bool TryStart(params IReadOnlyList<InheritedSocket> given) => _listeners.TryStart(given);

    /// <summary>Other limits and time-outs of connections from now on; those that are open keep theirs.</summary>
    public void Use(RelayConfig config)
    {
        _gate.Use(config.Limits);
        _guard.Use(config.Limits);
        _options = With(config, _options);
    }

    /// <summary>Turns new tunnels away, waits for the open ones until <paramref name="stopping"/>, and ends all connections.</summary>
    /// <param name="stopping">See above.</param>
    /// <param name="onHandingOver">Is called before inherited sockets are left to a successor: whatever else that needs is to be given up.</param>
    /// <returns>How many tunnels had to be broken off.</returns>
    public async Task<int> DrainAsync(CancellationToken stopping, Action? onHandingOver = null)
    {
        // Before the waits are ended: their answers are to say so.
        _endsConnections = !_listeners.AreInherited;
        _context.StartDraining();
        // The listeners go on for now: tunnels that were begun still need connections, and health is to say 503.
        if (_listeners.AreInherited) await HandOverAsync(onHandingOver, stopping);
        _endsConnections = true;
        await _context.Tunnels.WhenEmptyAsync().WaitAsync(stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        int broken = _context.Tunnels.Open;
        _context.Tunnels.FailAll(TunnelEnd.Stopping);
        _listeners.Dispose();
        // Connections between two requests are closed; those in one end with it, each with "Connection: close".
        _connections.ForEach(static connection => connection.CloseIfIdle());
        await _connections.WhenEmptyAsync().WaitAsync(stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _connections.ForEach(static connection => connection.Abort());
        return broken;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _listeners.Dispose();
        _connections.ForEach(static connection => connection.Abort());
    }

    private static HttpServerOptions With(RelayConfig config, HttpServerOptions options) => options with
    {
        Limits = HttpLimits.Default with { MaxHeadBytes = config.Limits.MaxHeadBytes, MaxFields = config.Limits.MaxHeadFields },
        HeadTimeout = config.Timeouts.Head,
        KeepAliveTimeout = config.Timeouts.KeepAlive,
        SendTimeout = config.Timeouts.Send,
    };

    /// <summary>
    /// Leaves what comes from now on to whoever shares the sockets, or will: not before every tunnel that was begun has all four of its
    /// requests, since only this process knows their IDs.
    /// </summary>
    private async Task HandOverAsync(Action? onHandingOver, CancellationToken stopping)
    {
        await _context.Tunnels.WhenSettledAsync().WaitAsync(stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        onHandingOver?.Invoke();
        await _listeners.StopAsync();
        // Not before: a tunnel's request that cannot be sent twice would meet the close of a kept connection.
        _endsConnections = true;
        // The next request of a proxy is to go to the successor.
        _connections.ForEach(static connection => connection.CloseIfIdle());
        RelayLog.HandedOver(_context.Logger);
    }

    private void Serve(Socket socket, bool isTls)
    {
        // Nothing is said to one too many: an answer would need what has run out.
        AdmittedConnection? admitted = Enter(socket);
        if (admitted is null) return;
        var plain = new SocketChannel(socket);
        ByteChannel channel = isTls ? new TlsChannel(plain, _certificate!.Handshake) : plain;
        var connection = new HttpServerConnection(new Connection(channel), _options) { Tag = admitted };
        _connections.Add(connection);
        _ = connection.RunAsync();
    }

    private void OnEnded(HttpServerConnection connection, Exception? defect)
    {
        // A defect in one exchange ends that exchange and nothing else.
        if (defect is not null) RelayLog.ExchangeFailed(_context.Logger, defect, connection.RemoteEndPoint);
        _connections.Remove(connection);
        _gate.Leave((AdmittedConnection)connection.Tag!);
    }

    private AdmittedConnection? Enter(Socket socket)
    {
        try
        {
            EndPoint? remote = socket.RemoteEndPoint;
            bool isTrusted = remote is IPEndPoint { Address: var address } && AddressRange.Contains(_context.Config.TrustedProxies, address);
            return _gate.Enter(socket, PeerAddress.Of(remote), isTrusted);
        }
        catch (SocketException)
        {
            // The peer has reset the connection already.
            socket.Dispose();
            return null;
        }
    }
}
