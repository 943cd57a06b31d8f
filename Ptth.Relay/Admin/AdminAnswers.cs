using System.Globalization;
using System.Text;
using Ptth.Http;
using Ptth.Http.Server;
using Ptth.Relay.Statistics;

namespace Ptth.Relay.Admin;

/// <summary>
/// All answers of the admin listener but the documents: plain text, for people. Whatever it answers is not to be stored, guessed at, shown in another
/// page's frame, or read by other sites: no answer has a field that would grant that.
/// </summary>
internal static class AdminAnswers
{
    /// <summary>The fields of every answer.</summary>
    public static IReadOnlyList<HttpField> Fields { get; } =
    [
        Field("X-Content-Type-Options"u8, "nosniff"),
        Field("X-Frame-Options"u8, "DENY"),
        Field("Referrer-Policy"u8, "no-referrer"),
        Field("Content-Security-Policy"u8, "default-src 'none'; frame-ancestors 'none'"),
    ];

    public static readonly HttpResponse Ok = Text(200, "ok");

    public static readonly HttpResponse Done = new() { Status = 204, Fields = [NoStore, .. Fields] };

    public static readonly HttpResponse Draining = Text(503, "draining: the relay is shutting down");

    public static readonly HttpResponse UnknownPath = Text(404, "There is nothing at this path. The page is at /.");

    public static readonly HttpResponse UnknownTunnel = Text(404, "There is no such tunnel, or it has ended.");

    public static readonly HttpResponse WrongHost = Text(421,
        "Without admin_key_hash this listener answers only where it is called by an IP address or as localhost, as in http://127.0.0.1:8081/. "
        + "To call it by a name, set admin_key_hash in the relay's configuration.");

    public static readonly HttpResponse OtherSite = Text(403, "This request comes from another site's page.");

    public static readonly HttpResponse NoAdminField = Text(403, "Send the header \"Ptth-Admin: 1\" with this request: it shows that no web page made it.");

    public static readonly HttpResponse NeedsHttp11 = Text(426, "A stream of events needs HTTP/1.1 on the whole way.", Field("Upgrade"u8, "HTTP/1.1"),
        Field("Connection"u8, "Upgrade"));

    public static readonly HttpResponse TooManyConnections = Text(503, $"More than {AdminServer.MaxConnections} connections to the admin listener are open.", Retry);

    public static readonly HttpResponse TooManyStreams = Text(503, $"{StatusFeed.MaxStreams} event streams are open, and no more are served.", Retry);

    /// <summary>Programs send the key as they do to the relay; browsers ask for it by the other challenge.</summary>
    public static readonly HttpResponse Unauthorized = Refusal(RefusalReasons.Unauthorized, 401,
        "The key of admin_key_hash is needed: as \"Authorization: Bearer ptth_...\", or in a browser as the password, with any user name.",
        Field("WWW-Authenticate"u8, "Basic realm=\"ptth-relay\""), Field("WWW-Authenticate"u8, "Bearer")) with
    { Reason = RefusalReasons.Unauthorized };

    private static HttpField NoStore => Field("Cache-Control"u8, "no-store");

    private static HttpField Retry => Field("Retry-After"u8, "5");

    /// <summary>An address from which too many requests had no good key, and how long it is to stay away.</summary>
    public static HttpResponse TooManyFailures(TimeSpan delay) => Refusal(RefusalReasons.TooManyFailures, 429,
        "Too many requests from this address had no good key. A request with a good key is served all the same.",
        Field("Retry-After"u8, ((int)Math.Ceiling(delay.TotalSeconds)).ToString(CultureInfo.InvariantCulture)))
        with
    { Reason = RefusalReasons.TooManyFailures };

    /// <summary>A method that the path does not take.</summary>
    public static HttpResponse WrongMethod(string methods) => Text(405, $"This path takes {methods}.", Field("Allow"u8, methods));

    /// <summary>A request that broke the rules of HTTP.</summary>
    public static HttpResponse OfStatus(int status, string detail) => Text(status, detail);

    /// <summary>A document.</summary>
    public static HttpResponse Document(string mediaType, ReadOnlyMemory<byte> body) =>
        new() { Status = 200, ContentType = mediaType, Body = body, Fields = [NoStore, .. Fields] };

    /// <summary>One that is logged, and by which reason.</summary>
    private static HttpResponse Refusal(string reason, int status, string text, params HttpField[] fields) => Text(status, text, fields) with { Reason = reason };

    private static HttpResponse Text(int status, string text, params HttpField[] fields) => new()
    {
        Status = status,
        ContentType = "text/plain; charset=utf-8",
        Body = Encoding.UTF8.GetBytes(text + "\n"),
        Fields = [NoStore, .. Fields, .. fields],
    };

    private static HttpField Field(ReadOnlySpan<byte> name, string value) => new(name.ToArray(), value);
}
