using System.Net;
using Ptth.Http.Core;
using Ptth.Http.Transport;
using Ptth.Http.Transport.Tls;

namespace Ptth.Http.Server;

/// <summary>
/// The server side of one HTTP/1.1 connection: reads requests one after the other, has each answered, and decides whether the
/// connection goes on. A pipelined request waits in the connection until the one before is answered (RFC 9112 section 9.3.2).
/// </summary>
/// <code>
///   ┌─▶ read head ──invalid──▶ answer, discard a little, close
///   │       │ read                        ▲
///   │       ▼                             │ not reusable
///   │   handler ──▶ drain the rest of the body ──▶ reusable?
///   │                                              │ yes
///   └──────────────────────────────────────────────┘
/// </code>
public sealed class HttpServerConnection : ITicked
{
    /// <summary>
    /// After this many exchanges whose request was there already others have the thread. Those are served without ever waiting, and
    /// the thread is the one that completes all sockets' operations: a peer that only sends would have it for itself.
    /// </summary>
    private const int ExchangesPerTurn = 16;

    private static long _lastNumber;

    private readonly Connection _connection;
    private readonly HttpServerOptions _options;
    private readonly RequestHeadSink _headSink;
    private readonly ExchangeState _state = new();
    private long _deadline = Ticker.Never;
    private volatile bool _isIdle;
    private PeerSilence _silence;

    /// <summary>Takes a connection over.</summary>
    public HttpServerConnection(Connection connection, HttpServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(options);
        _connection = connection;
        _options = options;
        _headSink = new RequestHeadSink(options.Limits, this);
    }

    /// <summary>What whoever accepted the connection keeps for it; its exchanges show it.</summary>
    public object? Tag { get; init; }

    /// <summary>A number that no other connection of this process has.</summary>
    public long Number { get; } = Interlocked.Increment(ref _lastNumber);

    /// <summary>How many requests have come.</summary>
    internal int Requests { get; private set; }

    /// <summary>The peer's address.</summary>
    public EndPoint? RemoteEndPoint => _connection.Channel.RemoteEndPoint;

    /// <summary>
    /// Serves the connection until it ends, and says so (<see cref="HttpServerOptions.OnEnded"/>). A failure of the connection is not an
    /// exception; one of the handler is, after closing.
    /// </summary>
    public async Task RunAsync()
    {
        Exception? defect = null;
        _options.Ticker.Add(this);
        SetDeadline(_options.HeadTimeout);
        _isIdle = true;
        try
        {
            if (!await _connection.Channel.OpenAsync())
            {
                _isIdle = false;
                await RefuseAsync(HttpViolation.NotTls);
                return;
            }

            for (int inTurn = 1; ; inTurn++)
            {
                ValueTask<bool> head = ReadHeadAsync();
                if (!head.IsCompleted) inTurn = 0;
                if (!await head) return;
                Requests++;
                using var exchange = new ServerExchange(this, _connection, _options, _state, _headSink.Head!);
                try
                {
                    await _options.Handler(exchange);
                }
                catch
                {
                    exchange.Abort();
                    await exchange.FinishAsync();
                    throw;
                }

                if (!await exchange.FinishAsync())
                {
                    await CloseAsync();
                    return;
                }

                if (!StartNext()) return;
                if (inTurn < ExchangesPerTurn) continue;
                await Task.Yield();
                inTurn = 0;
            }
        }
        catch (TlsException failure)
        {
            _options.OnHandshakeFailed(RemoteEndPoint, failure);
        }
        catch (Exception failure) when (Connection.IsConnectionFailure(failure))
        {
            // The peer has gone; whoever cared about the exchange was told by it.
        }
        catch (Exception failure)
        {
            defect = failure;
            throw;
        }
        finally
        {
            _options.Ticker.Remove(this);
            _connection.Dispose();
            _options.OnEnded(this, defect);
        }
    }

    /// <summary>Breaks the connection off. May be called by anyone, at any time.</summary>
    public void Abort() => _connection.Abort();

    /// <summary>Closes the connection if it rests between two exchanges.</summary>
    public void CloseIfIdle()
    {
        if (_isIdle) CloseIdle();
    }

    /// <inheritdoc/>
    void ITicked.OnTick(long nowMilliseconds)
    {
        if (_silence.IsTooLong(_connection.Channel, nowMilliseconds)) _connection.Abort();
        if (nowMilliseconds < Volatile.Read(ref _deadline)) return;
        SetDeadline(Timeout.InfiniteTimeSpan);
        // Between exchanges closing is the ordinary end of a connection; anywhere else the peer is to see that something broke.
        if (_isIdle) CloseIdle();
        else _connection.Abort();
    }

    /// <summary>Allows what comes next that long.</summary>
    internal void SetDeadline(TimeSpan span) => Volatile.Write(ref _deadline, _options.Ticker.DeadlineIn(span));

    /// <summary>Reads the next request's head; false where there is none: the connection has ended, or was refused.</summary>
    private async ValueTask<bool> ReadHeadAsync()
    {
        _headSink.Reset();
        HeadOutcome outcome = await _connection.ReadHeadAsync(_headSink);
        SetDeadline(Timeout.InfiniteTimeSpan);
        _isIdle = false;
        if (outcome == HeadOutcome.Invalid) await RefuseAsync(_headSink.Violation);
        return outcome == HeadOutcome.Read;
    }

    /// <summary>Gets ready for the next exchange; false where there is to be none.</summary>
    private bool StartNext()
    {
        _state.StartNext();
        SetDeadline(_options.KeepAliveTimeout);
        _isIdle = true;
        // Idle first, then the question: a drain that begins in between finds the connection idle and closes it.
        return !_options.IsDraining();
    }

    /// <summary>Closes under the read that waits for a head. Without our end said first the framework would reset the connection for that.</summary>
    private void CloseIdle()
    {
        _connection.Channel.ShutdownSend();
        _connection.Channel.Dispose();
    }

    /// <summary>A request's head has begun.</summary>
    internal void OnFirstBytes()
    {
        SetDeadline(_options.HeadTimeout);
        _isIdle = false;
    }

    private async ValueTask RefuseAsync(HttpViolation violation)
    {
        _options.OnRefused(RemoteEndPoint, violation);
        _state.OnError(Role.Client);
        HttpResponse response = _options.ErrorResponse(HttpViolations.StatusOf(violation), HttpViolations.DescriptionOf(violation));
        _options.OnResponse(response);
        SetDeadline(_options.SendTimeout);
        await ResponseWriter.SendAsync(_connection.Channel, response, closes: true, withBody: true);
        await CloseAsync();
    }

    /// <summary>Ends our direction first and receives a little longer, so that the peer can read the answer (RFC 9112 section 9.6).</summary>
    private async ValueTask CloseAsync()
    {
        SetDeadline(_options.DrainTimeout);
        _connection.Channel.ShutdownSend();
        await _connection.DiscardAsync(_options.Limits.MaxDrainBytes);
    }
}
