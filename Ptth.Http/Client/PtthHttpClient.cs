using Ptth.Http.Transport;

namespace Ptth.Http.Client;

/// <summary>
/// An HTTP/1.1 client of one origin, made for streams: kept connections, bodies that are flows, no redirects, no cookies, no
/// content coding.
/// </summary>
public sealed class PtthHttpClient : ITicked, IDisposable
{
    private readonly HttpClientOptions _options;
    private readonly OriginDialer _dialer;
    private readonly PathWatch _path;
    private readonly Lock _lock = new();
    private readonly List<ClientConnection> _idle = [];
    private bool _disposed;

    /// <summary>A client without connections.</summary>
    public PtthHttpClient(HttpClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _dialer = new OriginDialer(options);
        _path = new PathWatch(options.PathCheck);
        options.Ticker.Add(this);
    }

    /// <summary>How many idle connections are kept.</summary>
    public int IdleConnections
    {
        get
        {
            lock (_lock) return _idle.Count;
        }
    }

    /// <summary>Sends a request and reads the response's head.</summary>
    /// <exception cref="ExchangeException">There is no usable response.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/>; the connection is broken off.</exception>
    public async Task<ClientExchange> SendAsync(HttpRequest request, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        while (true)
        {
            ClientConnection connection = await StartAsync(request, cancellation);
            using CancellationTokenRegistration registration = cancellation.Register(static state => ((ClientConnection)state!).Connection.Abort(), connection);
            try
            {
                var exchange = new ClientExchange(this, connection, _options, request.StreamsBody);
                _path.Enter(connection);
                await exchange.ReadResponseAsync(HeadTimeoutOf(request));
                return exchange;
            }
            catch (ExchangeException)
            {
                bool again = connection.WasUsed && !connection.ResponseHasBegun && !connection.HasTimedOut && request.IsIdempotent;
                connection.Dispose();
                cancellation.ThrowIfCancellationRequested();
                if (!again) throw;
            }
            finally
            {
                _path.Leave(connection);
            }
        }
    }

    /// <summary>Sends the head of a request whose body streams. The response is yet to be read.</summary>
    /// <exception cref="ExchangeException">No connection could be had.</exception>
    public async Task<ClientExchange> StartStreamAsync(HttpRequest request, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        ClientConnection connection = await StartAsync(request, cancellation);
        connection.SetDeadline(Timeout.InfiniteTimeSpan);
        return new ClientExchange(this, connection, _options, streamsBody: true);
    }

    /// <inheritdoc/>
    void ITicked.OnTick(long nowMilliseconds)
    {
        _path.OnTick(nowMilliseconds);
        List<ClientConnection>? closing = null;
        lock (_lock)
        {
            for (int i = _idle.Count - 1; i >= 0; i--)
            {
                if (nowMilliseconds < _idle[i].IdleUntil && !_idle[i].Connection.IsStale()) continue;
                (closing ??= []).Add(_idle[i]);
                _idle.RemoveAt(i);
            }
        }

        closing?.ForEach(Close);
    }

    /// <summary>Closes the idle connections; those in use close when they are given back.</summary>
    public void Dispose()
    {
        _options.Ticker.Remove(this);
        List<ClientConnection> closing;
        lock (_lock)
        {
            _disposed = true;
            closing = [.. _idle];
            _idle.Clear();
        }

        closing.ForEach(Close);
    }

    /// <summary>Takes a connection back after its exchange.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="keep">Whether it may be kept, if its messages are complete.</param>
    internal void Return(ClientConnection connection, bool keep)
    {
        if (keep && connection.CanReuse)
        {
            connection.StartIdling();
            lock (_lock)
            {
                if (!_disposed && _idle.Count < _options.MaxIdleConnections)
                {
                    _idle.Add(connection);
                    _path.Enter(connection);
                    return;
                }
            }
        }

        connection.Dispose();
    }

    /// <summary>Sends a request's head on a kept connection, or on a new one. One that turns out to be dead gives way to the next.</summary>
    private async Task<ClientConnection> StartAsync(HttpRequest request, CancellationToken cancellation)
    {
        while (true)
        {
            ClientConnection connection = TakeIdle(request.For) ?? await OpenAsync(cancellation);
            try
            {
                await connection.SendAsync(request);
                return connection;
            }
            catch (Exception failure) when (Connection.IsConnectionFailure(failure))
            {
                bool again = connection.WasUsed && !connection.HasTimedOut;
                connection.Dispose();
                if (!again) throw new ExchangeException($"the connection to {_options.Peer} broke", failure) { MayPass = !connection.HasTimedOut };
            }
        }
    }

    private TimeSpan HeadTimeoutOf(HttpRequest request) => _options.ResponseHeadTimeout == Timeout.InfiniteTimeSpan || request.AskedWait == Timeout.InfiniteTimeSpan
        ? Timeout.InfiniteTimeSpan
        : _options.ResponseHeadTimeout + request.AskedWait;

    /// <summary>The connection that was used last, to that process of the server: the others grow old and are closed.</summary>
    private ClientConnection? TakeIdle(string? server)
    {
        while (true)
        {
            ClientConnection connection;
            lock (_lock)
            {
                int last = server is null ? _idle.Count - 1 : _idle.FindLastIndex(idle => idle.Server == server);
                if (last < 0) return null;
                connection = _idle[last];
                _idle.RemoveAt(last);
            }

            _path.Leave(connection);
            if (!connection.Connection.IsStale()) return connection;
            connection.Dispose();
        }
    }

    private void Close(ClientConnection connection)
    {
        _path.Leave(connection);
        connection.Dispose();
    }

    private async Task<ClientConnection> OpenAsync(CancellationToken cancellation) =>
        new(new Connection(await _dialer.OpenAsync(cancellation)), _options);
}
