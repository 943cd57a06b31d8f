using System.Buffers;
using Ptth.Http.Core;
using Ptth.Http.Flow;

namespace Ptth.Http.Client;

/// <summary>One request and its response, on the client's side.</summary>
#pragma warning disable CA1001 // The sender of pieces is looked at here; whoever opened it disposes of it.
public sealed class ClientExchange
#pragma warning restore CA1001
{
    private readonly PtthHttpClient _client;
    private readonly ClientConnection _connection;
    private readonly HttpClientOptions _options;
    private readonly bool _streamsBody;
    private FlowSink? _requestBody;
    private PieceSender? _requestPieces;
    private ResponseHead? _response;
    private ExchangeFate _fate;

    internal ClientExchange(PtthHttpClient client, ClientConnection connection, HttpClientOptions options, bool streamsBody)
    {
        _client = client;
        _connection = connection;
        _options = options;
        _streamsBody = streamsBody;
    }

    /// <summary>The response's head.</summary>
    /// <exception cref="InvalidOperationException">It has not been read.</exception>
    public ResponseHead Response => _response ?? throw new InvalidOperationException("The response has not been read.");

    /// <summary>Why an answer that is not the origin's may have come: from the proxy that the request went to. Null where it went to none.</summary>
    public string? RefusalOfProxy => _options.IsForwarded ? ProxyRefusal.OfForwarded(_options.Proxy!, _options.Origin, Response) : null;

    /// <summary>Which process of the server answered, where it says so; see <see cref="HttpClientOptions.IdentityField"/>.</summary>
    public string? Server => _connection.Server;

    /// <summary>Whether the request went on a connection that was kept from an exchange before.</summary>
    public bool IsOnKeptConnection => _connection.WasUsed;

    /// <summary>
    /// Whether the response came before the end of the streamed request body: the server did not take all of it, whatever the
    /// status says. Such a connection is not kept.
    /// </summary>
    public bool WasAnsweredEarly { get; private set; }

    /// <summary>Where a streamed request body goes. Open it once.</summary>
    /// <exception cref="InvalidOperationException">The request was sent without one.</exception>
    public FlowSink OpenRequestBody() => Open(new ChunkedSink(_connection.Connection.Channel));

    /// <summary>Where a streamed request body goes that is made of records. Open it once.</summary>
    /// <param name="marksEnd">As <see cref="RecordSink"/>'s.</param>
    /// <exception cref="InvalidOperationException">The request was sent without one.</exception>
    public RecordSink OpenRequestRecords(bool marksEnd) => Open(new RecordSink(_connection.Connection.Channel, marksEnd));

    /// <summary>Where a streamed request body goes whose pieces are sent by hand. Open it once, and dispose of it.</summary>
    /// <exception cref="InvalidOperationException">The request was sent without one.</exception>
    public PieceSender OpenRequestPieces()
    {
        if (!_streamsBody) throw new InvalidOperationException("The request has no streamed body.");
        return _requestPieces = new PieceSender(_connection.Connection.Channel);
    }

    /// <summary>The stream was ended cleanly.</summary>
    public void EndRequestBody() => _connection.OnEndOfBody(Role.Client);

    /// <summary>Reads the response's head. May be under way while the body is sent, to see an early answer or the connection's end.</summary>
    /// <param name="timeout">How long it may take; infinite for a streamed body, which takes as long as its receiver does.</param>
    /// <exception cref="ExchangeException">There is no usable response.</exception>
    public async ValueTask<ResponseHead> ReadResponseAsync(TimeSpan timeout)
    {
        _response = await _connection.ReadResponseAsync(timeout);
        WasAnsweredEarly = _streamsBody && _requestBody is not { IsEnding: true } && _requestPieces is not { IsEnding: true };
        return _response;
    }

    /// <summary>The response's body as a stream.</summary>
    /// <exception cref="ExchangeException">Its end could not be told from a break.</exception>
    public FlowSource OpenResponseBody()
    {
        if (Response.Framing.Kind == BodyKind.UntilClose)
        {
            throw new ExchangeException(
                "the stream comes without chunked coding, so that its end could not be told from a break: "
                + "something between here and the relay speaks HTTP/1.0");
        }

        return BodySource.For(_connection.Connection, Response.Framing, _options.Limits);
    }

    /// <summary>The payload of the records that the response's body is made of.</summary>
    /// <param name="marksEnd">Whether the sender marks the stream's end.</param>
    /// <exception cref="ExchangeException">The body is not chunked, as the relay's is: something in between holds it back until it ends.</exception>
    public FlowSource OpenResponseRecords(bool marksEnd) => OpenResponseBody() is ChunkedBodySource body
        ? new RecordSource(body, marksEnd)
        : throw new ExchangeException("the stream comes with a length in place of chunked coding: something between here and the relay holds it back until its end");

    /// <summary>The stream was ended cleanly by its flow.</summary>
    public void EndResponseBody()
    {
        if (Response.Framing.HasBody) _connection.OnEndOfBody(Role.Server);
    }

    /// <summary>Reads a small body whole, and ends the exchange.</summary>
    /// <returns>The body, or null where it is longer than <paramref name="maxBytes"/> or broken.</returns>
    public async ValueTask<byte[]?> ReadBodyAsync(int maxBytes)
    {
        byte[]? body = await ReadAnswerBodyAsync(maxBytes);
        Finish();
        return body;
    }

    /// <summary>Reads a small body whole; the exchange is still to be ended.</summary>
    /// <returns>The body, or null where it is longer than <paramref name="maxBytes"/> or broken.</returns>
    public async ValueTask<byte[]?> ReadAnswerBodyAsync(int maxBytes)
    {
        // A body that ends with the connection cannot be told from a broken one; nothing in it is needed.
        if (!Response.Framing.HasBody || Response.Framing.Kind == BodyKind.UntilClose) return [];

        var body = BodySource.For(_connection.Connection, Response.Framing, _options.Limits);
        var collected = new ArrayBufferWriter<byte>(256);
        bool ended = false;
        try
        {
            _connection.SetDeadline(_options.ResponseHeadTimeout);
            ended = await BodyReader.ReadAsync(body, collected, maxBytes) == BodyEnd.Clean;
            _connection.SetDeadline(Timeout.InfiniteTimeSpan);
        }
        catch (Exception failure) when (Transport.Connection.IsConnectionFailure(failure))
        {
            // Told by the null.
        }

        if (ended) EndResponseBody();
        return ended ? collected.WrittenSpan.ToArray() : null;
    }

    /// <summary>Gives the connection back: kept where both messages are complete and both sides will go on, closed otherwise.</summary>
    public void Finish()
    {
        ExchangeFate before = Interlocked.Exchange(ref _fate, ExchangeFate.Over);
        if (before != ExchangeFate.Over) _client.Return(_connection, keep: before == ExchangeFate.UnderWay && !WasAnsweredEarly);
    }

    /// <summary>
    /// Breaks the connection off, so that the relay sees a truncated message. May be called by anyone, at any time; after
    /// <see cref="Finish"/> it does nothing, since the connection may be serving another exchange.
    /// </summary>
    public void Abort()
    {
        if (Interlocked.CompareExchange(ref _fate, ExchangeFate.Aborted, ExchangeFate.UnderWay) == ExchangeFate.UnderWay) _connection.Connection.Abort();
    }

    private T Open<T>(T body) where T : FlowSink
    {
        if (!_streamsBody) throw new InvalidOperationException("The request has no streamed body.");
        _requestBody = body;
        return body;
    }
}
