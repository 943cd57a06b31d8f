using System.Net;
using System.Net.Sockets;
using Ptth.Http.Server;
using Ptth.Http.Transport;
using Ptth.Relay.Admin.Metrics;
using Ptth.Relay.Admission;
using Ptth.Relay.Configuration;

namespace Ptth.Relay.Admin;

/// <summary>
/// The admin listener: what operators and their programs ask. It has a listener and bounds of its own, so that a flood on the relay's ports
/// does not shut them out, nor a flood here the relay's parties.
/// </summary>
internal sealed class AdminServer : ITicked, IDisposable
{
    /// <summary>Connections that are served: some browsers with six each, monitoring, and a terminal.</summary>
    public const int MaxConnections = 64;

    /// <summary>More, that are told so, or that no good key has come on yet; beyond them connections are reset.</summary>
    private const int SpareConnections = 16;

    private readonly RelayContext _context;
    private readonly AdminEntry _admin;
    private readonly TrafficSampler _sampler;
    private readonly StatusFeed _feed;
    private readonly ConnectionGate _gate;
    private readonly ConnectionSet _connections = new();
    private readonly HttpServerOptions _options;
    private TcpListenerLoop? _listener;

    /// <summary>An admin listener that listens nowhere yet.</summary>
    /// <param name="admin">Where, and for whom.</param>
    /// <param name="context">The relay's parts.</param>
    /// <param name="server">The relay's own listeners and connections.</param>
    public AdminServer(AdminEntry admin, RelayContext context, RelayServer server)
    {
        _admin = admin;
        _context = context;
        _sampler = new TrafficSampler(context);
        _feed = new StatusFeed(new StatusSource(context, server, _sampler).Make, context.Ticker);
        var bounds = new RelayLimits
        {
            MaxConnections = MaxConnections + SpareConnections,
            MaxConnectionsPerAddress = MaxConnections + SpareConnections,
            MaxUnauthenticatedConnections = SpareConnections,
            MaxUnauthenticatedPerAddress = SpareConnections,
        };
        _gate = new ConnectionGate(bounds, context.Time, static (_, _) => { });
        var dispatcher = new AdminDispatcher(context, new AdminGuard(admin, context), _gate, _feed, new RelayMetrics(context, server, _sampler));
        _options = new HttpServerOptions
        {
            Ticker = context.Ticker,
            KeepAliveTimeout = TimeSpan.FromSeconds(60),
            SendTimeout = TimeSpan.FromSeconds(10),
            Handler = dispatcher.HandleAsync,
            ErrorResponse = AdminAnswers.OfStatus,
            OnEnded = OnEnded,
        };
    }

    /// <summary>The address that is listened on, with its real port.</summary>
    public IPEndPoint EndPoint => _listener!.LocalEndPoint;

    /// <summary>How many connections are open.</summary>
    public int Connections => _gate.Count;

    /// <summary>Binds, accepts, and looks at the relay from now on. False, after a log line, where the address cannot be had.</summary>
    /// <param name="isQuiet">Whether nothing is logged where that is not to be had.</param>
    public bool TryStart(bool isQuiet = false)
    {
        try
        {
            _listener = new TcpListenerLoop(_admin.Listen, _context.Time);
        }
        catch (SocketException failure)
        {
            if (!isQuiet) RelayLog.CannotListen(_context.Logger, _admin.Listen, ListenFailure.Describe(failure.SocketErrorCode));
            return false;
        }

        _context.Ticker.Add(this);
        _ = _listener.RunAsync(Serve, failure => RelayLog.CannotAccept(_context.Logger, ListenFailure.Describe(failure)));
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _context.Ticker.Remove(this);
        _listener?.Dispose();
        _connections.ForEach(static connection => connection.Abort());
    }

    /// <inheritdoc/>
    void ITicked.OnTick(long nowMilliseconds)
    {
        _sampler.Look(nowMilliseconds);
        _feed.Publish();
    }

    private void Serve(Socket socket)
    {
        if (Enter(socket) is not { } admitted) return;
        var connection = new HttpServerConnection(new Connection(new SocketChannel(socket)), _options) { Tag = admitted };
        _connections.Add(connection);
        _ = connection.RunAsync();
    }

    private void OnEnded(HttpServerConnection connection, Exception? defect)
    {
        if (defect is not null) RelayLog.ExchangeFailed(_context.Logger, defect, connection.RemoteEndPoint);
        _connections.Remove(connection);
        _gate.Leave((AdmittedConnection)connection.Tag!);
    }

    private AdmittedConnection? Enter(Socket socket)
    {
        try
        {
            return _gate.Enter(socket, PeerAddress.Of(socket.RemoteEndPoint));
        }
        catch (SocketException)
        {
            // The peer has reset the connection already.
            socket.Dispose();
            return null;
        }
    }
}
