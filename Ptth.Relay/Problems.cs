using System.Globalization;
using Ptth.Common.Protocol;
using Ptth.Http;
using Ptth.Http.Core;
using Ptth.Http.Server;
using Ptth.Relay.Probes;
using Ptth.Relay.Statistics;
using Ptth.Relay.Tunnels;

namespace Ptth.Relay;

/// <summary>Every error answer of the relay, in one place (RFC 9457).</summary>
internal static class Problems
{
    /// <summary>How soon a party that was turned away should try again, seconds.</summary>
    private const string RetrySeconds = "5";

    public static readonly HttpResponse Unauthorized = Make(RefusalReasons.Unauthorized, 401, "Unauthorized",
        "Send the key as \"Authorization: Bearer ptth_...\". None was sent, or this relay does not take that key, now or from this address.",
        Field("WWW-Authenticate"u8, "Bearer"));

    public static readonly HttpResponse NotForServers = Make(RefusalReasons.WrongParty, 403, "Forbidden", "This is a server's key; the request is a client's.");

    public static readonly HttpResponse NotForClients = Make(RefusalReasons.WrongParty, 403, "Forbidden", "This is a client's key; the request is a server's.");

    public static readonly HttpResponse NotAllowed = Make(RefusalReasons.NotAllowed, 403, "Forbidden", "This key may not reach that server and port.");

    public static readonly HttpResponse UnknownPath = Make(RefusalReasons.UnknownPath, 404, "Not Found", "There is nothing at this path.");

    public static readonly HttpResponse UnknownServer = Make(RefusalReasons.UnknownServer, 404, "Not Found", "No server of that name is configured.");

    public static readonly HttpResponse UnknownId = Make(RefusalReasons.UnknownId, 404, "Not Found", "There is no such connection.");

    public static readonly HttpResponse BadName = Make(RefusalReasons.BadName, 400, "Bad Request",
        "A server's or port's name is 1 to 64 of A-Z a-z 0-9 . _ -, the first a letter or digit.");

    public static readonly HttpResponse Taken = Make(RefusalReasons.Taken, 409, "Conflict", "That half of the connection is attached already.");

    public static readonly HttpResponse BadOffset = Make(RefusalReasons.BadOffset, 400, "Bad Request", "Ptth-Offset is one number of at most 18 digits.");

    public static readonly HttpResponse WrongOffset = Make(RefusalReasons.WrongOffset, 409, "Conflict",
        "The segment begins where the stream is not; Ptth-Offset of this answer says where that is.");

    /// <summary>The sender asks again, so that nothing is refused by it.</summary>
    public static readonly HttpResponse NotYetKnown = Make(RefusalReasons.WrongOffset, 409, "Conflict",
        "The segment before is still being handed on; Ptth-Offset of this answer says how far. Ask again.") with
    { Reason = null };

    public static readonly HttpResponse Gone = Make(RefusalReasons.Gone, 410, "Gone", "The other party has gone.");

    public static readonly HttpResponse BadReason = Make(RefusalReasons.BadReason, 400, "Bad Request",
        "A reject's body is an application/problem+json document of at most 1 KiB.");

    public static readonly HttpResponse BodyTooLong = Make(RefusalReasons.BodyTooLong, 413, "Content Too Large", "The body is longer than this request may have.");

    public static readonly HttpResponse NeedsHttp11 = Make(RefusalReasons.NeedsHttp11, 426, "Upgrade Required",
        "A stream needs HTTP/1.1 on the whole way. A reverse proxy in between speaks HTTP/1.0 here; in nginx the remedy is \"proxy_http_version 1.1\".",
        Field("Upgrade"u8, "HTTP/1.1"), Field("Connection"u8, "Upgrade"));

    public static readonly HttpResponse TooManyWaiting = Make(RefusalReasons.MaxWaitingConnects, 429, "Too Many Requests",
        "This client has too many connects that no server has taken yet (the relay's limit max_waiting_connects_per_client).", Retry);

    public static readonly HttpResponse TooManyListens = Make(RefusalReasons.MaxWaitingListens, 429, "Too Many Requests",
        "This server has too many listens waiting (the relay's limit max_waiting_listens_per_server).", Retry);

    public static readonly HttpResponse TooManyProbes = Make(RefusalReasons.TooManyProbes, 429, "Too Many Requests",
        $"Too many probes of the path are under way ({ProbeTurns.MaxPerParty} of one party, {ProbeTurns.MaxInAll} in all).", Retry);

    public static readonly HttpResponse NobodyListening = Make(RefusalReasons.NobodyListening, 503, "Service Unavailable", "No server is listening on that port.", Retry);

    public static readonly HttpResponse Draining = Make(RefusalReasons.Draining,
        new Problem(ProblemTypes.Draining, "Service Unavailable", 503, "The relay is shutting down."), Field("Retry-After"u8, "1"));

    public static readonly HttpResponse NotAccepted = Make(RefusalReasons.NotAccepted, 504, "Gateway Timeout", "The server took the connection and did not accept it in time.");

    private static readonly HttpResponse TooManyFailed = Make(RefusalReasons.TooManyFailures, 429, "Too Many Requests",
        "Too many requests from this address had no key that this relay takes. A request with a good key is served all the same.");

    private static readonly HttpResponse TooManyTunnelsInAll = Make(RefusalReasons.MaxTunnels, 429, "Too Many Requests",
        "Too many tunnels are open or waiting (the relay's limit max_tunnels).", Retry);

    private static readonly HttpResponse TooManyTunnelsOfClient = Make(RefusalReasons.MaxTunnelsPerClient, 429, "Too Many Requests",
        "Too many tunnels of this client are open or waiting (the relay's limit max_tunnels_per_client).", Retry);

    private static readonly HttpResponse TooManyTunnelsOfServer = Make(RefusalReasons.MaxTunnelsPerServer, 429, "Too Many Requests",
        "Too many tunnels to this server are open or waiting (the relay's limit max_tunnels_per_server).", Retry);

    /// <summary>What is said to load balancers while draining: they ask again and again, and nothing is refused by it.</summary>
    public static readonly HttpResponse UnhealthyWhileDraining = Draining with { Reason = null };

    /// <summary>One tunnel too many.</summary>
    public static HttpResponse TooManyTunnels(TunnelLimit limit) => limit switch
    {
        TunnelLimit.OfClient => TooManyTunnelsOfClient,
        TunnelLimit.OfServer => TooManyTunnelsOfServer,
        _ => TooManyTunnelsInAll,
    };

    /// <summary>An address whose requests without a good key are too many, and how long it is to stay away.</summary>
    public static HttpResponse TooManyFailures(TimeSpan delay) => TooManyFailed with
    {
        Fields = [Field("Retry-After"u8, ((int)Math.Ceiling(delay.TotalSeconds)).ToString(CultureInfo.InvariantCulture))],
    };

    private static HttpField Retry => Field("Retry-After"u8, RetrySeconds);

    /// <summary>A request that broke the rules of HTTP.</summary>
    public static HttpResponse OfStatus(int status, string detail) => Make(RefusalReasons.Malformed, status, "Malformed Request", detail);

    /// <summary>A body whose framing broke the rules.</summary>
    public static HttpResponse OfViolation(HttpViolation violation) =>
        OfStatus(HttpViolations.StatusOf(violation), HttpViolations.DescriptionOf(violation));

    /// <summary>What is wrong with a body that was received to be dropped; null where its sender has gone.</summary>
    public static HttpResponse? OfDroppedBody(ServerExchange exchange) =>
        exchange.BodyViolation != HttpViolation.None ? OfViolation(exchange.BodyViolation) : exchange.IsBodyTooLong ? BodyTooLong : null;

    /// <summary>A method that the path does not take.</summary>
    public static HttpResponse WrongMethod(string methods) =>
        Make(RefusalReasons.WrongMethod, 405, "Method Not Allowed", $"This path takes {methods}.", Field("Allow"u8, methods));

    /// <summary>The server's own reason.</summary>
    public static HttpResponse Rejected(Problem reason) => Make(RefusalReasons.Rejected, new Problem(reason.Type, reason.Title, 502, reason.Detail));

    private static HttpResponse Make(string reason, int status, string title, string detail, params HttpField[] fields) =>
        Make(reason, new Problem(ProblemTypes.Blank, title, status, detail), fields);

    private static HttpResponse Make(string reason, Problem problem, params HttpField[] fields) => new()
    {
        Status = problem.Status,
        Reason = reason,
        ContentType = Problem.MediaType,
        Body = problem.ToUtf8(),
        Fields = fields,
    };

    private static HttpField Field(ReadOnlySpan<byte> name, string value) => new(name.ToArray(), value);
}
