using System.Globalization;
using Ptth.Common.Protocol;
using Ptth.Http;
using Ptth.Http.Core;
using Ptth.Http.Server;

namespace Ptth.Relay;

/// <summary>Every error answer of the relay, in one place (RFC 9457).</summary>
internal static class Problems
{
    /// <summary>How soon a party that was turned away should try again, seconds.</summary>
    private const string RetrySeconds = "5";

    public static readonly HttpResponse Unauthorized = Make(401, "Unauthorized",
        "Send the key as \"Authorization: Bearer ptth_...\". None was sent, or this relay does not take that key, now or from this address.",
        Field("WWW-Authenticate"u8, "Bearer"));

    public static readonly HttpResponse NotForServers = Make(403, "Forbidden", "This is a server's key; the request is a client's.");

    public static readonly HttpResponse NotForClients = Make(403, "Forbidden", "This is a client's key; the request is a server's.");

    public static readonly HttpResponse NotAllowed = Make(403, "Forbidden", "This key may not reach that server and port.");

    public static readonly HttpResponse UnknownPath = Make(404, "Not Found", "There is nothing at this path.");

    public static readonly HttpResponse UnknownServer = Make(404, "Not Found", "No server of that name is configured.");

    public static readonly HttpResponse UnknownId = Make(404, "Not Found", "There is no such connection.");

    public static readonly HttpResponse BadName = Make(400, "Bad Request",
        "A server's or port's name is 1 to 64 of A-Z a-z 0-9 . _ -, the first a letter or digit.");

    public static readonly HttpResponse Taken = Make(409, "Conflict", "That half of the connection is attached already.");

    public static readonly HttpResponse Gone = Make(410, "Gone", "The other party has gone.");

    public static readonly HttpResponse BadReason = Make(400, "Bad Request",
        "A reject's body is an application/problem+json document of at most 1 KiB.");

    public static readonly HttpResponse BodyTooLong = Make(413, "Content Too Large", "The body is longer than this request may have.");

    public static readonly HttpResponse NeedsHttp11 = Make(426, "Upgrade Required",
        "A stream needs HTTP/1.1 on the whole way. A reverse proxy in between speaks HTTP/1.0 here; in nginx the remedy is \"proxy_http_version 1.1\".",
        Field("Upgrade"u8, "HTTP/1.1"), Field("Connection"u8, "Upgrade"));

    public static readonly HttpResponse TooManyTunnels = Make(429, "Too Many Requests", "Too many tunnels are open or waiting.", Retry);

    public static readonly HttpResponse TooManyListens = Make(429, "Too Many Requests", "This server has too many listens waiting.", Retry);

    public static readonly HttpResponse NobodyListening = Make(503, "Service Unavailable", "No server is listening on that port.", Retry);

    public static readonly HttpResponse Draining = Make(
        new Problem(ProblemTypes.Draining, "Service Unavailable", 503, "The relay is shutting down."), Field("Retry-After"u8, "1"));

    public static readonly HttpResponse NotAccepted = Make(504, "Gateway Timeout", "The server took the connection and did not accept it in time.");

    private static readonly HttpResponse TooManyFailed = Make(429, "Too Many Requests",
        "Too many requests from this address had no key that this relay takes. A request with a good key is served all the same.");

    /// <summary>An address whose requests without a good key are too many, and how long it is to stay away.</summary>
    public static HttpResponse TooManyFailures(TimeSpan delay) => TooManyFailed with
    {
        Fields = [Field("Retry-After"u8, ((int)Math.Ceiling(delay.TotalSeconds)).ToString(CultureInfo.InvariantCulture))],
    };

    private static HttpField Retry => Field("Retry-After"u8, RetrySeconds);

    /// <summary>A request that broke the rules of HTTP.</summary>
    public static HttpResponse OfStatus(int status, string detail) => Make(status, "Malformed Request", detail);

    /// <summary>A body whose framing broke the rules.</summary>
    public static HttpResponse OfViolation(HttpViolation violation) =>
        OfStatus(HttpViolations.StatusOf(violation), HttpViolations.DescriptionOf(violation));

    /// <summary>What is wrong with a body that was received to be dropped; null where its sender has gone.</summary>
    public static HttpResponse? OfDroppedBody(ServerExchange exchange) =>
        exchange.BodyViolation != HttpViolation.None ? OfViolation(exchange.BodyViolation) : exchange.IsBodyTooLong ? BodyTooLong : null;

    /// <summary>A method that the path does not take.</summary>
    public static HttpResponse WrongMethod(string methods) =>
        Make(405, "Method Not Allowed", $"This path takes {methods}.", Field("Allow"u8, methods));

    /// <summary>The server's own reason.</summary>
    public static HttpResponse Rejected(Problem reason) => Make(new Problem(reason.Type, reason.Title, 502, reason.Detail));

    private static HttpResponse Make(int status, string title, string detail, params HttpField[] fields) =>
        Make(new Problem(ProblemTypes.Blank, title, status, detail), fields);

    private static HttpResponse Make(Problem problem, params HttpField[] fields) => new()
    {
        Status = problem.Status,
        ContentType = Problem.MediaType,
        Body = problem.ToUtf8(),
        Fields = fields,
    };

    private static HttpField Field(ReadOnlySpan<byte> name, string value) => new(name.ToArray(), value);
}
