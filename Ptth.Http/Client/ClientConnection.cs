using System.Text;
using Ptth.Http.Core;
using Ptth.Http.Transport;

namespace Ptth.Http.Client;

/// <summary>The client side of one HTTP/1.1 connection: one exchange after the other, kept in between by its pool.</summary>
internal sealed class ClientConnection : ITicked, IDisposable
{
    private readonly HttpClientOptions _options;
    private readonly ResponseHeadSink _headSink;
    private readonly ExchangeState _state = new();
    private long _deadline = Ticker.Never;
    private readonly Lock _stateLock = new();
    private volatile bool _timedOut;
    private volatile bool _isUnanswered;
    private PeerSilence _silence;

    public ClientConnection(Connection connection, HttpClientOptions options)
    {
        Connection = connection;
        _options = options;
        _headSink = new ResponseHeadSink(options.Limits);
        options.Ticker.Add(this);
    }

    /// <summary>The bytes.</summary>
    public Connection Connection { get; }

    /// <summary>Whether both messages are complete and both sides will go on.</summary>
    public bool CanReuse
    {
        get
        {
            lock (_stateLock) return _state.CanReuse;
        }
    }

    /// <summary>Whether an exchange has been completed on it before, so that the server may have closed it since.</summary>
    public bool WasUsed { get; private set; }

    /// <summary>Which process of the server is at the other end, by its answers; null where none has said so.</summary>
    public string? Server { get; private set; }

    /// <summary>When it has been idle for long enough to be closed, in the ticker's time.</summary>
    public long IdleUntil { get; private set; }

    /// <summary>Whether any byte of the present exchange's response has come.</summary>
    public bool ResponseHasBegun => _headSink.HasBegun;

    /// <summary>Whether it was broken off because something took too long: not a connection that was dead before, so no reason to try again.</summary>
    public bool HasTimedOut => _timedOut;

    /// <summary>Sends a request's head, and its body unless that streams.</summary>
    public async ValueTask SendAsync(HttpRequest request)
    {
        _headSink.Reset(request.Method);
        bool hasBody = request.StreamsBody || !request.Body.IsEmpty;
        BodyFraming framing = request switch
        {
            { StreamsBody: false } => new BodyFraming(BodyKind.Length, request.Body.Length),
            { StreamLength: { } length } => new BodyFraming(BodyKind.Length, length),
            _ => new BodyFraming(BodyKind.Chunked, 0),
        };
        _state.OnRequest(hasBody ? framing : BodyFraming.None, keepAlive: true, expectsContinue: false);
        // A body that its receiver takes slowly is no reason to give up.
        SetDeadline(request.AskedWait == Timeout.InfiniteTimeSpan ? request.AskedWait : _options.ResponseHeadTimeout);
        await RequestWriter.SendAsync(Connection.Channel, request, _options);
        if (hasBody && !request.StreamsBody) OnEndOfBody(Role.Client);
    }

    /// <summary>Reads the final response's head; interim ones before it are dropped (RFC 9110 section 15.2).</summary>
    /// <param name="timeout">For all of it; infinite while a body is still being sent.</param>
    /// <exception cref="ExchangeException">There is none.</exception>
    public async ValueTask<ResponseHead> ReadResponseAsync(TimeSpan timeout)
    {
        SetDeadline(timeout);
        for (int interim = 0; interim <= _options.Limits.MaxInterimResponses; interim++)
        {
            _headSink.ResetScan();
            HeadOutcome outcome = await Connection.ReadHeadAsync(_headSink);
            if (outcome == HeadOutcome.Invalid)
            {
                throw new ExchangeException($"{_options.Peer}'s answer is not HTTP/1.1 as it should be: "
                    + HttpViolations.DescriptionOf(_headSink.Violation).TrimEnd('.'));
            }

            if (outcome != HeadOutcome.Read) throw new ExchangeException(WhyNoResponse()) { MayPass = !_timedOut && !ResponseHasBegun };
            ResponseHead head = _headSink.Head!;
            if (head.IsInterim) continue;
            SetDeadline(Timeout.InfiniteTimeSpan);
            NoteServer(head);
            lock (_stateLock) _state.OnResponse(head.Status, head.Framing, IsKept(head));
            return head;
        }

        throw new ExchangeException($"{_options.Peer} sends interim responses without end");
    }

    /// <summary>A side's body has ended cleanly. The two sides may end theirs on two threads.</summary>
    public void OnEndOfBody(Role role)
    {
        lock (_stateLock) _state.OnEndOfBody(role);
    }

    /// <summary>Makes it ready for the next exchange.</summary>
    public void StartIdling()
    {
        lock (_stateLock) _state.StartNext();
        WasUsed = true;
        IdleUntil = _options.Ticker.DeadlineIn(_options.IdleTimeout);
        SetDeadline(Timeout.InfiniteTimeSpan);
    }

    /// <summary>Allows what comes next that long.</summary>
    public void SetDeadline(TimeSpan span) => Volatile.Write(ref _deadline, _options.Ticker.DeadlineIn(span));

    /// <summary>Breaks it off because its peer answers no probe: the same may be asked on another connection.</summary>
    public void BreakOffUnanswered()
    {
        _isUnanswered = true;
        Connection.Abort();
    }

    /// <inheritdoc/>
    public void OnTick(long nowMilliseconds)
    {
        if (!_silence.IsTooLong(Connection.Channel, nowMilliseconds) && nowMilliseconds < Volatile.Read(ref _deadline)) return;
        SetDeadline(Timeout.InfiniteTimeSpan);
        _timedOut = true;
        Connection.Abort();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _options.Ticker.Remove(this);
        Connection.Dispose();
    }

    /// <summary>
    /// Whether the server will go on. Some proxies close after each exchange without saying so, tinyproxy among them: the next request would
    /// meet the close. So those have to say that they do not.
    /// </summary>
    private bool IsKept(ResponseHead head) => head.KeepAlive && (!_options.IsForwarded
        || head.Fields.HasToken(FieldNames.Connection, "keep-alive"u8) || head.Fields.HasToken("Proxy-Connection"u8, "keep-alive"u8));

    private void NoteServer(ResponseHead head)
    {
        if (_options.IdentityField.IsEmpty || !head.Fields.TryGetSingle(_options.IdentityField.Span, out ReadOnlySpan<byte> server)) return;
        // It mostly is the one that is known already.
        if (Server is null || !Ascii.Equals(server, Server)) Server = Encoding.Latin1.GetString(server);
    }

    private string WhyNoResponse()
    {
        if (_timedOut) return $"{_options.Peer} did not answer in time{(_options.IsForwarded ? "; check that it can reach the relay" : "")}";
        if (_isUnanswered) return $"nothing comes from {_options.Peer} any more, no answer to a probe either: the path to it is gone, or something on it has forgotten the connection";
        if (ResponseHasBegun) return $"{_options.Peer}'s answer broke off";
        return $"{_options.Peer} closed the connection without an answer; " + (_options.IsForwarded
            ? "check that it is an HTTP proxy, what its log says, and the relay's URL: https:// for TLS"
            : "where it always does, check that its URL is right, http:// for plain HTTP and https:// for TLS, "
                + "and whether its log says that a limit of connections is reached");
    }
}
