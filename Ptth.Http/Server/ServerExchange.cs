using System.Buffers;
using System.Net;
using Ptth.Http.Core;
using Ptth.Http.Flow;
using Ptth.Http.Transport;

namespace Ptth.Http.Server;

/// <summary>One request and its response, on the server's side. Its members are for the handler alone, but for <see cref="Abort"/>.</summary>
public sealed class ServerExchange : IDisposable
{
    private static readonly byte[] Continue = "HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray();

    private readonly HttpServerConnection _owner;
    private readonly Connection _connection;
    private readonly HttpServerOptions _options;
    private readonly ExchangeState _state;
    private readonly Lock _stateLock = new();
    private BodySource? _body;
    private Task? _watch;
    private CancellationTokenSource? _peerGone;
    private volatile bool _watchStopped;
    private bool _closes;
    private volatile ExchangeFate _fate;

    internal ServerExchange(HttpServerConnection owner, Connection connection, HttpServerOptions options, ExchangeState state, RequestHead request)
    {
        _owner = owner;
        _connection = connection;
        _options = options;
        _state = state;
        Request = request;
        state.OnRequest(request.Framing, request.KeepAlive, request.ExpectsContinue);
    }

    /// <summary>The request's head.</summary>
    public RequestHead Request { get; }

    /// <summary>See <see cref="HttpServerConnection.Tag"/>.</summary>
    public object? ConnectionTag => _owner.Tag;

    /// <summary>See <see cref="HttpServerConnection.Number"/>.</summary>
    public long ConnectionNumber => _owner.Number;

    /// <summary>How many requests have come on the connection, this one included.</summary>
    public int ConnectionRequests => _owner.Requests;

    /// <summary>The peer's address, or that of the one on whose behalf it asks, where the handler has found that out.</summary>
    public EndPoint? RemoteEndPoint { get => field ?? _owner.RemoteEndPoint; set; }

    /// <summary>The connection's bytes, to look at its peer's signs of life: the exchange's are its own affair.</summary>
    public ByteChannel Channel => _connection.Channel;

    /// <summary>
    /// Watches, while the answer is being waited for or streamed, whether the peer goes away. A body that the request has is received
    /// and dropped meanwhile, within its bound. The token is cancelled when the peer has gone; and where nothing can be read behind the
    /// body, which <see cref="IsBodyTooLong"/> and <see cref="BodyViolation"/> tell apart from it: then the peer is still there to be told.
    /// </summary>
    public CancellationToken WatchPeer()
    {
        _peerGone = new CancellationTokenSource();
        _watch = WatchAsync(_peerGone);
        return _peerGone.Token;
    }

    /// <summary>Sends a response whole. An error in answer to a body that is too long to be drained announces that it closes.</summary>
    public async ValueTask RespondAsync(HttpResponse response)
    {
        ArgumentNullException.ThrowIfNull(response);
        _options.OnResponse(response);
        _owner.SetDeadline(_options.SendTimeout);
        bool closes = _closes = WillClose();
        bool answersHead = Request.Method == "HEAD";
        bool hasBody = !answersHead && !response.Body.IsEmpty;
        OnResponse(response.Status, hasBody ? new BodyFraming(BodyKind.Length, response.Body.Length) : BodyFraming.None, closes);
        await ResponseWriter.SendAsync(_connection.Channel, response, closes, withBody: !answersHead);
        if (hasBody) OnEnd(Role.Server);
        _owner.SetDeadline(Timeout.InfiniteTimeSpan);
    }

    /// <summary>Sends the head of a 200 response with a chunked body, which goes through the sink that is returned.</summary>
    public async ValueTask<FlowSink> StartStreamAsync(IReadOnlyList<HttpField> fields)
    {
        await SendStreamHeadAsync("application/octet-stream", fields, asksUnbuffered: true);
        return new ChunkedSink(_connection.Channel);
    }

    /// <summary>The stream that <see cref="StartStreamAsync"/> or <see cref="StartPiecesAsync"/> began was ended cleanly.</summary>
    public void EndStream() => OnEnd(Role.Server);

    /// <summary>
    /// Sends the head of a 200 response with a chunked body, whose pieces are sent by hand, and which goes on until it is ended or the
    /// connection is broken off. Each piece has to be received within <see cref="HttpServerOptions.SendTimeout"/>.
    /// </summary>
    /// <param name="mediaType">The body's.</param>
    /// <param name="fields">As in <see cref="HttpResponse.Fields"/>.</param>
    /// <param name="asksUnbuffered">Whether reverse proxies that know X-Accel-Buffering are asked not to hold it back.</param>
    public async ValueTask<ResponsePieces> StartPiecesAsync(string mediaType, IReadOnlyList<HttpField> fields, bool asksUnbuffered = true)
    {
        await SendStreamHeadAsync(mediaType, fields, asksUnbuffered);
        return new ResponsePieces(_owner, _connection.Channel, _options.SendTimeout);
    }

    /// <summary>Opens the request's body for a flow; asks for it first where the client waits for that (RFC 9110 section 10.1.1).</summary>
    public async ValueTask<FlowSource> OpenBodyAsync()
    {
        if (_state.AwaitsContinue)
        {
            OnResponse(100, BodyFraming.None, closes: false);
            await _connection.Channel.SendAsync(Continue);
        }

        return _body = BodySource.For(_connection, Request.Framing, _options.Limits);
    }

    /// <summary>Waits until bytes of the body are there, or none will come. The body is yet to be opened, or is dropped.</summary>
    public async ValueTask WaitForBodyAsync()
    {
        if (!Request.Framing.HasBody || _connection.SurplusLength > 0) return;
        _owner.SetDeadline(_options.HeadTimeout);
        await _connection.Channel.WaitReadableAsync();
        _owner.SetDeadline(Timeout.InfiniteTimeSpan);
    }

    /// <summary>The body that <see cref="OpenBodyAsync"/> opened was ended cleanly.</summary>
    public void EndBody()
    {
        if (Request.Framing.HasBody) OnEnd(Role.Client);
    }

    /// <summary>The body broke the rules of its framing: answers that, and the connection ends.</summary>
    public ValueTask RespondInvalidBodyAsync(HttpResponse response)
    {
        OnInvalidBody();
        return RespondAsync(response);
    }

    /// <summary>
    /// Reads a small body whole; null where it is longer than <paramref name="maxBytes"/> or broken (<see cref="BodyViolation"/>).
    /// One that is too long is still read to its end, within the bound for bodies that nobody wants, so that the connection can go on.
    /// </summary>
    public async ValueTask<byte[]?> ReadBodyAsync(int maxBytes)
    {
        if (!Request.Framing.HasBody) return [];
        _owner.SetDeadline(_options.HeadTimeout);
        await OpenBodyAsync();
        var collected = new ArrayBufferWriter<byte>(256);
        bool ended = await BodyReader.ReadAsync(_body!, collected, Math.Max(maxBytes, _options.Limits.MaxDrainBytes)) == BodyEnd.Clean;
        if (ended) OnEnd(Role.Client);
        else OnInvalidBody();
        _owner.SetDeadline(Timeout.InfiniteTimeSpan);
        return ended && collected.WrittenCount <= maxBytes ? collected.WrittenSpan.ToArray() : null;
    }

    /// <summary>What was wrong with the body's framing, as far as it has been read.</summary>
    public HttpViolation BodyViolation => _body?.Violation ?? HttpViolation.None;

    /// <summary>Whether more of a body came that nobody wants than is received and dropped.</summary>
    public bool IsBodyTooLong { get; private set; }

    /// <summary>
    /// Breaks the connection off, so that the peer sees a truncated message. May be called by anyone, at any time; once the exchange
    /// is over it does nothing, since the connection may be serving another one.
    /// </summary>
    public void Abort()
    {
        if (Interlocked.CompareExchange(ref _fate, ExchangeFate.Aborted, ExchangeFate.UnderWay) != ExchangeFate.Over) _owner.Abort();
    }

    /// <summary>Cancels the token of <see cref="WatchPeer"/> though the peer is there: it is to be told something else. May be called by anyone until the handler ends.</summary>
    public void EndWait() => _peerGone?.Cancel();

    /// <summary>Ends the watch, so that the connection's next request can be read.</summary>
    public async ValueTask StopWatchAsync()
    {
        if (_watch is null) return;
        bool isReceivingBody;
        lock (_stateLock)
        {
            // Together with the body's end: either the watch sees that it is stopped when the body has ended, or we see that end.
            _watchStopped = true;
            isReceivingBody = IsReceivingBody;
        }

        if (!_watch.IsCompleted && !isReceivingBody) _connection.StopWatch();
        if (!IsReceivingBody) await _watch;
    }

    /// <inheritdoc/>
    public void Dispose() => _peerGone?.Dispose();

    /// <summary>Brings the exchange to its end after the handler; says whether the connection may serve another.</summary>
    internal async ValueTask<bool> FinishAsync()
    {
        if (_fate == ExchangeFate.Aborted)
        {
            if (_watch is not null) await _watch;
            return false;
        }

        if (_state[Role.Server] is PeerState.SendResponse or PeerState.SendBody)
        {
            throw new InvalidProgramException("The handler left its exchange without an answer.");
        }

        await StopWatchAsync();
        _owner.SetDeadline(_options.DrainTimeout);
        if (_watch is not null) await _watch;
        // Where the connection ends anyway, our direction ends first, and what still comes is dropped after that.
        if (!_closes && _state[Role.Client] == PeerState.SendBody && _body is null) await DrainBodyAsync();
        return Interlocked.CompareExchange(ref _fate, ExchangeFate.Over, ExchangeFate.UnderWay) == ExchangeFate.UnderWay && _state.CanReuse;
    }

    private bool IsReceivingBody => _body is not null && _state[Role.Client] == PeerState.SendBody;

    private async Task WatchAsync(CancellationTokenSource peerGone)
    {
        bool gone = false;
        if (_state[Role.Client] == PeerState.SendBody && !_state.AwaitsContinue) gone = !await DrainBodyAsync();
        // A client that waits for 100 gets its answer instead; its connection is not used again, so watching may read on.
        if (!gone && !_watchStopped) gone = await _connection.WatchForCloseAsync();
        if (gone) await peerGone.CancelAsync();
    }

    /// <summary>Receives the body and drops it; false where it is over the bound, broken, or was broken off.</summary>
    private async Task<bool> DrainBodyAsync()
    {
        _body = BodySource.For(_connection, Request.Framing, _options.Limits);
        BodyEnd end;
        try
        {
            end = await BodyReader.ReadAsync(_body, collected: null, _options.Limits.MaxDrainBytes);
        }
        catch (Exception failure) when (Connection.IsConnectionFailure(failure))
        {
            end = BodyEnd.Broken;
        }

        IsBodyTooLong = end == BodyEnd.TooLong;
        if (end == BodyEnd.Clean) OnEnd(Role.Client);
        else OnInvalidBody();
        return end == BodyEnd.Clean;
    }

    /// <summary>Whether the connection is to end with this exchange, as far as can be told when the response's head is written.</summary>
    private bool WillClose() =>
        _options.IsDraining()
        || !Request.KeepAlive
        || _state.AwaitsContinue
        || _state[Role.Client] == PeerState.Error
        || (_state[Role.Client] == PeerState.SendBody && Request.Framing.Length > _options.Limits.MaxDrainBytes);

    private async ValueTask SendStreamHeadAsync(string mediaType, IReadOnlyList<HttpField> fields, bool asksUnbuffered)
    {
        ArgumentNullException.ThrowIfNull(fields);
        _owner.SetDeadline(_options.SendTimeout);
        bool closes = _closes = WillClose();
        OnResponse(200, new BodyFraming(BodyKind.Chunked, 0), closes);
        await ResponseWriter.SendStreamHeadAsync(_connection.Channel, mediaType, fields, closes, asksUnbuffered);
        _owner.SetDeadline(Timeout.InfiniteTimeSpan);
    }

    private void OnResponse(int status, BodyFraming framing, bool closes)
    {
        lock (_stateLock) _state.OnResponse(status, framing, keepAlive: !closes);
    }

    /// <summary>The body is broken, or longer than anyone will read: nothing can be read behind it.</summary>
    private void OnInvalidBody()
    {
        lock (_stateLock) _state.OnError(Role.Client);
    }

    private void OnEnd(Role role)
    {
        lock (_stateLock) _state.OnEndOfBody(role);
    }
}
