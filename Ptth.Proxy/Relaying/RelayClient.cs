using System.Globalization;
using System.Text;
using Ptth.Common.Net;
using Ptth.Common.Protocol;
using Ptth.Http;
using Ptth.Http.Client;
using Ptth.Http.Core;
using Ptth.Http.Transport;
using Ptth.Http.Transport.Tls;
using Ptth.Proxy.Configuration;

namespace Ptth.Proxy.Relaying;

/// <summary>The protocol's requests, as a proxy makes them.</summary>
internal sealed class RelayClient : IDisposable
{
    private static readonly byte[] AuthorizationField = "Authorization"u8.ToArray();
    private static readonly byte[] UserAgentField = "User-Agent"u8.ToArray();
    private static readonly byte[] PreferField = "Prefer"u8.ToArray();
    private static readonly byte[] ListenerField = PtthHeaders.Listener.ToArray();
    private static readonly byte[] OfferField = PtthHeaders.Offer.ToArray();
    private static readonly byte[] AgreedField = PtthHeaders.Agreed.ToArray();
    private static readonly byte[] OffsetField = PtthHeaders.Offset.ToArray();
    private static readonly byte[] LastField = PtthHeaders.Last.ToArray();

    private const string UserAgent = "ptth-proxy";

    private readonly PtthHttpClient _http;
    private readonly string _basePath;
    private volatile HttpField[] _fields;

    /// <summary>A client of one relay, with one key.</summary>
    /// <param name="relay">The relay.</param>
    /// <param name="trust">Decides about a relay with TLS; null for one without.</param>
    /// <param name="proxy">The HTTP proxy on the way; null without one.</param>
    /// <param name="key">The proxy's key.</param>
    /// <param name="timeouts">How long requests may take.</param>
    /// <param name="ticker">The clock of deadlines.</param>
    /// <param name="time">The clock of dialing.</param>
    /// <exception cref="ArgumentException">The relay's URL says one thing about TLS, and <paramref name="trust"/> another.</exception>
    public RelayClient(RelayUrl relay, IServerTrust? trust, HttpProxyUrl? proxy, PtthKey key, ProxyTimeouts timeouts, Ticker ticker, TimeProvider time)
    {
        if (relay.IsTls != trust is not null) throw new ArgumentException("TLS needs trust, and plain HTTP has none.", nameof(trust));
        _http = new PtthHttpClient(new HttpClientOptions
        {
            Origin = new HttpOrigin(relay.Host, relay.Port, relay.HostHeader),
            Trust = trust,
            Proxy = proxy is null ? null : new HttpProxy(proxy.Target.Host, proxy.Target.Port, proxy.ToString(), proxy.RevealAuthorization()),
            Ticker = ticker,
            Time = time,
            ConnectTimeout = timeouts.RelayConnect,
            ResponseHeadTimeout = timeouts.ResponseHead,
            IdleTimeout = timeouts.IdleConnection,
            PathCheck = timeouts.PathCheck,
            IdentityField = PtthHeaders.Relay.ToArray(),
        });
        _basePath = relay.BasePath;
        _fields = FieldsFor(key);
    }

    /// <summary>Another key, for requests from now on.</summary>
    public void Use(PtthKey key) => _fields = FieldsFor(key);

    /// <summary>Asks whether this is a relay that takes requests, whoever asks: the key stays here.</summary>
    /// <returns>Why it is not; null where it is.</returns>
    /// <exception cref="ExchangeException">There was no answer.</exception>
    public async Task<RelayRefusal?> CheckHealthAsync(CancellationToken cancellation) => (await AskHealthAsync(cancellation)).Refusal;

    /// <summary>As <see cref="CheckHealthAsync"/>, with the answer's head.</summary>
    /// <exception cref="ExchangeException">There was no answer.</exception>
    public async Task<RelayAnswer> AskHealthAsync(CancellationToken cancellation)
    {
        ClientExchange exchange = await _http.SendAsync(new HttpRequest
        {
            Method = "GET",
            Target = $"{_basePath}/{PtthPaths.Health}",
            Fields = [new HttpField(UserAgentField, UserAgent)],
            IsIdempotent = true,
        }, cancellation);
        ResponseHead head = exchange.Response;
        if (head.Status != 200) return new RelayAnswer(head, await ReadRefusalAsync(exchange));
        // A page that says everything is well, whatever was asked for, is not a relay's answer.
        byte[]? body = await exchange.ReadBodyAsync(Problem.MaxBytes);
        return new RelayAnswer(head, body.AsSpan().TrimEnd("\r\n"u8).SequenceEqual("ok"u8) ? null : NotARelays(200));
    }

    /// <summary>Asks whether the relay knows the key, and whose it is: rejects a connection that does not exist, as servers alone may.</summary>
    /// <returns>Refused with 404 where the key is a server's, with 403 where it is a client's.</returns>
    /// <exception cref="ExchangeException">There was no answer.</exception>
    public async Task<RelayAnswer> AskKeyAsync(CancellationToken cancellation)
    {
        ClientExchange exchange = await _http.SendAsync(Post($"{PtthPaths.Reject}/{ConnectionId.New()}") with { IsIdempotent = true }, cancellation);
        return new RelayAnswer(exchange.Response, await ReadRefusalAsync(exchange));
    }

    /// <summary>Waits for a client of a port.</summary>
    /// <param name="port">The port's name.</param>
    /// <param name="listener">A name that this listen alone has; the relay ends the one that had it before.</param>
    /// <param name="wait">How long the relay waits.</param>
    /// <param name="cancellation">Breaks it off.</param>
    public Task<ClientExchange> ListenAsync(string port, string listener, TimeSpan wait, CancellationToken cancellation) =>
        _http.SendAsync(Post($"{PtthPaths.Listen}/{port}") with
        {
            Fields = [.. _fields, Prefer(wait), new HttpField(ListenerField, listener)],
            AskedWait = wait,
            IsIdempotent = true,
        }, cancellation);

    /// <summary>Asks for a connection to a server's port; the response's body is the client's downstream.</summary>
    /// <param name="server">The server.</param>
    /// <param name="port">Its port.</param>
    /// <param name="wait">How long the relay waits for the server.</param>
    /// <param name="offer">What this proxy can do besides.</param>
    /// <param name="cancellation">Breaks it off.</param>
    public Task<ClientExchange> ConnectAsync(string server, string port, TimeSpan wait, string offer, CancellationToken cancellation) =>
        _http.SendAsync(Post($"{PtthPaths.Connect}/{server}/{port}") with
        {
            Fields = [.. _fields, Prefer(wait), new HttpField(OfferField, offer)],
            AskedWait = wait,
            IsIdempotent = true,
        }, cancellation);

    /// <summary>Takes a connection; the response's body is the server's half of the upstream.</summary>
    /// <param name="id">The connection's ID.</param>
    /// <param name="process">Which process of the relay made it; null where it did not say.</param>
    /// <param name="agreed">What this proxy agrees to of the client's offer; null for nothing.</param>
    /// <param name="cancellation">Breaks it off.</param>
    public Task<ClientExchange> AcceptAsync(ConnectionId id, string? process, string? agreed, CancellationToken cancellation) =>
        _http.SendAsync(Post($"{PtthPaths.Accept}/{id}") with
        {
            For = process,
            Fields = agreed is null ? _fields : [.. _fields, new HttpField(AgreedField, agreed)],
        }, cancellation);

    /// <summary>Says that a connection cannot be taken.</summary>
    public async Task RejectAsync(ConnectionId id, string? process, Problem reason, CancellationToken cancellation)
    {
        ClientExchange exchange = await _http.SendAsync(Post($"{PtthPaths.Reject}/{id}") with
        {
            ContentType = Problem.MediaType,
            Body = reason.ToUtf8(),
            IsIdempotent = true,
            For = process,
        }, cancellation);
        await exchange.ReadBodyAsync(Problem.MaxBytes);
    }

    /// <summary>Begins the POST that carries a party's bytes: <see cref="PtthPaths.Upstream"/> or <see cref="PtthPaths.Downstream"/>.</summary>
    public Task<ClientExchange> StartUploadAsync(string path, ConnectionId id, string? process, CancellationToken cancellation) =>
        _http.StartStreamAsync(Post($"{path}/{id}") with { StreamsBody = true, For = process }, cancellation);

    /// <summary>Sends a segment of a party's bytes and reads the answer, which comes when all of it was handed on.</summary>
    /// <param name="path">As of <see cref="StartUploadAsync"/>.</param>
    /// <param name="id">The connection's ID.</param>
    /// <param name="process">Which process of the relay made it; null where it did not say.</param>
    /// <param name="offset">Where in the stream it begins.</param>
    /// <param name="bytes">The bytes; none to ask how far the relay got.</param>
    /// <param name="isLast">Whether the stream ends with them.</param>
    /// <param name="cancellation">Breaks it off.</param>
    /// <exception cref="ExchangeException">There is no usable answer.</exception>
    public async Task<SegmentAnswer> SendSegmentAsync(
        string path, ConnectionId id, string? process, long offset, ReadOnlyMemory<byte> bytes, bool isLast, CancellationToken cancellation)
    {
        var at = new HttpField(OffsetField, SegmentOffset.Format(offset));
        ClientExchange exchange = await _http.SendAsync(Post($"{path}/{id}") with
        {
            For = process,
            Fields = isLast ? [.. _fields, at, new HttpField(LastField, PtthHeaders.Yes)] : [.. _fields, at],
            Body = bytes,
            // The relay's answer waits for the receiver, however long that stands still: the stream's end, too, has to find room.
            AskedWait = bytes.IsEmpty && !isLast ? TimeSpan.Zero : Timeout.InfiniteTimeSpan,
        }, cancellation);
        ResponseHead response = exchange.Response;
        if (response.Fields.TryGetSingle(OffsetField, out ReadOnlySpan<byte> value) && SegmentOffset.TryParse(value, out long next) && response.Status is 200 or 409)
        {
            await exchange.ReadBodyAsync(Problem.MaxBytes);
            return new SegmentAnswer(response.Status == 200 ? SegmentOutcome.Taken : SegmentOutcome.Elsewhere, next, "it began where the relay was not");
        }

        string text = (await ReadRefusalAsync(exchange)).Text;
        return response.Status switch
        {
            408 or 429 or >= 500 => new SegmentAnswer(SegmentOutcome.Lost, 0, text),
            413 => new SegmentAnswer(SegmentOutcome.TooLong, 0, $"{text}; what stands in between takes no body of {bytes.Length} bytes"),
            _ => new SegmentAnswer(SegmentOutcome.Refused, 0, text),
        };
    }

    /// <summary>Sends a probe without a body, and reads the answer's head.</summary>
    /// <param name="what">Which: of <see cref="PtthPaths"/>.</param>
    /// <param name="fields">What it asks for.</param>
    /// <param name="wait">How long the relay was asked to wait; where the answer is held back, its head comes so much later.</param>
    /// <param name="cancellation">Breaks it off.</param>
    /// <exception cref="ExchangeException">There is no usable answer.</exception>
    public Task<ClientExchange> ProbeAsync(string what, HttpField[] fields, TimeSpan wait, CancellationToken cancellation) =>
        _http.SendAsync(Post($"{PtthPaths.Probe}/{what}") with { Fields = [.. _fields, .. fields], AskedWait = wait, IsIdempotent = true }, cancellation);

    /// <summary>Begins a probe whose body streams.</summary>
    /// <param name="what">Which: of <see cref="PtthPaths"/>.</param>
    /// <param name="fields">What it asks for.</param>
    /// <param name="length">The length that is told of the body; null for chunked coding.</param>
    /// <param name="process">Which process of the relay it is for; null for any.</param>
    /// <param name="cancellation">Ends the way to a connection.</param>
    /// <exception cref="ExchangeException">The relay cannot be reached, or the connection broke.</exception>
    public Task<ClientExchange> StartProbeAsync(string what, HttpField[] fields, long? length, string? process, CancellationToken cancellation) =>
        _http.StartStreamAsync(Post($"{PtthPaths.Probe}/{what}") with
        {
            Fields = [.. _fields, .. fields],
            StreamsBody = true,
            StreamLength = length,
            For = process,
        }, cancellation);

    /// <summary>Whether the relay says that it takes segments, in its answer to connect or accept.</summary>
    public static bool TakesSegments(ResponseHead response) => response.Fields.HasToken(PtthHeaders.Accepts, PtthHeaders.Segments);

    /// <summary>The connection ID in a 200 answer; false where there is none.</summary>
    public static bool TryReadId(ResponseHead response, out ConnectionId id)
    {
        id = default;
        return response.Status == 200
            && response.Fields.TryGetSingle(PtthHeaders.Connection, out ReadOnlySpan<byte> value)
            && ConnectionId.TryParse(Encoding.ASCII.GetString(value), out id);
    }

    /// <summary>What the other party's proxy says about records, in the answer to listen or connect; see <see cref="RecordTerms.Find"/>.</summary>
    public static RecordTerms? ReadRecordTerms(ResponseHead response, ReadOnlySpan<byte> field) =>
        response.Fields.TryGetSingle(field, out ReadOnlySpan<byte> said) ? RecordTerms.Find(said) : null;

    /// <summary>Reads an error answer, ends the exchange, and says in one line what the relay said.</summary>
    public static async Task<RelayRefusal> ReadRefusalAsync(ClientExchange exchange)
    {
        int status = exchange.Response.Status;
        byte[]? body = await exchange.ReadBodyAsync(Problem.MaxBytes);
        if (body is null || !Problem.TryParse(body, out Problem? problem))
        {
            return exchange.RefusalOfProxy is { } ofProxy
                ? new(ofProxy, RefusalKind.Relay, MayPass: status is 502 or 503 or 504)
                : NotARelays(status);
        }

        // What answers may be something that repeats requests, and this line goes into logs.
        string said = PtthKey.LeaveOut(string.Join(": ", new[] { problem.Title, problem.Detail }.Where(static text => text.Length > 0)));
        string remedy = status switch
        {
            401 => "; check that the relay's configuration has this key's hash (ptth-relay hash), that the key has not expired, and where it may come from; the relay's log says which",
            403 => "; check that this proxy has its own key, and \"allow\" in the relay's configuration",
            429 => "; see the limits in the relay's configuration",
            404 => "; check the relay's URL with its base path (/v1 unless the relay's configuration says otherwise), and the server's name",
            502 => "; check that the service runs there, and the port's target in the server-side proxy's configuration",
            503 when problem.Type != ProblemTypes.Draining =>
                "; check that the server-side proxy runs and has a port of that name: `ptth-relay status` at the relay shows both",
            _ => "",
        };
        bool isDraining = status == 503 && problem.Type == ProblemTypes.Draining;
        RefusalKind kind = isDraining ? RefusalKind.Relay : status == 401 ? RefusalKind.Key : RefusalKind.Request;
        return new($"the relay answered {status} ({said}){remedy}", kind, MayPass: isDraining);
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    /// <summary>What stands in front of a relay that is being started again says 502, 503 or 504.</summary>
    private static RelayRefusal NotARelays(int status) => status is 502 or 503 or 504
        ? new($"the answer {status} is not a relay's: what stands in front of the relay cannot reach it; check that the relay runs, and that what is in front of it has the address where it listens", RefusalKind.Relay, MayPass: true)
        : new($"the answer {status} is not a relay's; check the relay's URL, and what stands between here and the relay", RefusalKind.Relay, MayPass: false);

    private static HttpField[] FieldsFor(PtthKey key) =>
    [
        new HttpField(AuthorizationField, $"{PtthHeaders.BearerScheme} {key.Reveal()}"),
        new HttpField(UserAgentField, UserAgent),
    ];

    private HttpRequest Post(string path) => new() { Method = "POST", Target = $"{_basePath}/{path}", Fields = _fields };

    private static HttpField Prefer(TimeSpan wait) =>
        new(PreferField, string.Create(CultureInfo.InvariantCulture, $"wait={(long)wait.TotalSeconds}"));
}
