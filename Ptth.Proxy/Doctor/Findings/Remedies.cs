using System.Globalization;
using static Ptth.Proxy.Doctor.Findings.FindingKind;
using static Ptth.Proxy.Doctor.Findings.IntermediaryKind;

namespace Ptth.Proxy.Doctor.Findings;

/// <summary>What mends each finding: the directives of those that stand in between, and keys of the proxies'.</summary>
internal static class Remedies
{
    private const string Ours = "server.toml, client.toml";
    private const string UploadAuto = "upload = \"auto\"  # the default";

    private static readonly IntermediaryKind[] ReverseProxies = [Nginx, HAProxy, Apache, Caddy, Lighttpd];

    /// <summary>For those that may have done it; for all that are known where nothing is known of these, since some show nothing. None where there is nothing to be done.</summary>
    public static IReadOnlyList<Remedy> Of(Finding finding)
    {
        IntermediaryKind[] known = [.. finding.By.Select(static one => one.Kind).Distinct().Where(kind => DirectivesOf(finding.Kind, kind) is not [])];
        List<Remedy> remedies = known.Length > 0
            ? [.. known.SelectMany(kind => At(finding.Kind, kind, ""))]
            : [.. ReverseProxies.SelectMany(kind => At(finding.Kind, kind, "where it is "))];
        string[] other = [.. OthersOf(finding)];
        if (other.Length > 0) remedies.Add(new Remedy(PlaceOf(finding.Kind), other));
        return remedies;
    }

    private static IEnumerable<Remedy> At(FindingKind finding, IntermediaryKind kind, string where)
    {
        if (DirectivesOf(finding, kind) is { Length: > 0 } directives) yield return new Remedy(where + Intermediary.NameOf(kind), directives);
    }

    /// <summary>None where nothing is known, null where it is known that there is none. A day is the relay's own bound for a tunnel that rests.</summary>
    private static string[]? DirectivesOf(FindingKind finding, IntermediaryKind at) => (finding, at) switch
    {
        (Http10ToRelay, Nginx) => ["proxy_http_version 1.1;", "proxy_set_header Connection \"\";"],
        (Http10ToRelay, Apache) => ["take \"force-proxy-request-1.0\" out"],
        (Http10ToRelay, Caddy) => ["transport http { versions 1.1 }"],
        (Http10ToRelay, Lighttpd) => ["proxy.header = ( \"force-http10\" => \"disable\" )"],

        (Http10Answers, Apache) => ["take \"force-response-1.0\" and \"downgrade-1.0\" out"],

        (RequestBuffering, Nginx) => ["proxy_request_buffering off;"],
        (RequestBuffering, HAProxy) => ["no option http-buffer-request"],
        (RequestBuffering, Apache) => ["SetEnv proxy-sendchunked 1", "SetEnv proxy-prefetch-nonblocking 1"],
        (RequestBuffering, Caddy) => ["take \"request_buffers\" out"],
        (RequestBuffering, Lighttpd) => ["server.stream-request-body = 2"],

        (ResponseBuffering or ResponseBufferingUnasked, Nginx) => ["proxy_buffering off;"],
        (ResponseBuffering, HAProxy) => ["option http-no-delay"],
        (ResponseBuffering or ResponseBufferingUnasked or Delay, Apache) => ["ProxyPass … flushpackets=on"],
        (ResponseBuffering or ResponseBufferingUnasked, Caddy) => ["take \"response_buffers\" out"],
        (ResponseBuffering or ResponseBufferingUnasked, Lighttpd) => ["server.stream-response-body = 2"],

        (BreakAsEnd, Caddy) => ["install version 2.8 or newer"],

        (AnswersChanged, Nginx) => ["gzip off;", "take \"sub_filter\" out"],
        (AnswersChanged, HAProxy) => ["take \"filter compression\" and \"compression algo\" out"],
        (AnswersChanged, Apache) => ["SetEnv no-gzip 1"],
        (AnswersChanged, Caddy) => ["take \"encode\" out", "transport http { compression off }"],
        (AnswersChanged, Lighttpd) => ["take \"application/octet-stream\" out of deflate.mimetypes"],

        (SizeCap, Nginx) => ["client_max_body_size 0;"],
        (SizeCap, HAProxy) => ["take out the http-request rule that goes by req.body_size or Content-Length"],
        (SizeCap, Apache) => ["LimitRequestBody 0"],
        (SizeCap, Caddy) => ["take \"request_body { max_size … }\" out"],
        (SizeCap, Lighttpd) => ["server.max-request-size = 0"],
        (SizeCap, Squid) => ["request_body_max_size 0"],

        (IdleCut, Nginx) => ["proxy_read_timeout 25h;", "proxy_send_timeout 25h;", "client_body_timeout 25h;", "send_timeout 25h;"],
        (IdleCut, HAProxy) => ["timeout client 25h", "timeout server 25h"],
        (IdleCut, Apache) => ["Timeout 90000", "RequestReadTimeout header=20-40,MinRate=500 body=0", "ProxyPass … timeout=90000"],
        (IdleCut, Caddy) => ["take \"read_body\" and \"write\" out of servers { timeouts { … } }", "take \"read_timeout\" and \"write_timeout\" out of transport http { … }"],
        (IdleCut, Lighttpd) => ["server.max-read-idle = 65535", "server.max-write-idle = 65535", "\"read-timeout\" => 90000, \"write-timeout\" => 90000 in proxy.server"],
        (IdleCut, Squid) => ["read_timeout 25 hours", "write_timeout 25 hours", "client_lifetime 2 days"],
        (IdleCut, Tinyproxy) => ["Timeout 90000"],

        (ConnectionsClosed, Nginx) => ["keepalive_timeout 100s;", "keepalive_requests 1000000;"],
        (ConnectionsClosed, HAProxy) => ["no option httpclose", "timeout http-keep-alive 100s"],
        (ConnectionsClosed, Apache) => ["KeepAlive On", "KeepAliveTimeout 100", "MaxKeepAliveRequests 0"],
        (ConnectionsClosed, Lighttpd) => ["server.max-keep-alive-idle = 100", "server.max-keep-alive-requests = 65535"],
        (ConnectionsClosed, Squid) => ["client_persistent_connections on"],
        // It serves one request a connection.
        (ConnectionsClosed, Tinyproxy) => null,

        (RelayConnectionsClosed, Nginx) =>
            ["upstream ptth_relay { server …; keepalive 256; keepalive_timeout 60s; }", "proxy_pass http://ptth_relay;", "proxy_http_version 1.1;", "proxy_set_header Connection \"\";"],
        (RelayConnectionsClosed, HAProxy) => ["http-reuse always"],
        (RelayConnectionsClosed, Apache) => ["ProxyPass … ttl=60", "take \"disablereuse=on\" and \"proxy-nokeepalive\" out"],
        (RelayConnectionsClosed, Caddy) => ["transport http { keepalive 60s }"],
        // Those send no POST on a connection that is kept.
        (RelayConnectionsClosed, Lighttpd or Squid or Tinyproxy) => null,

        (Delay, Nginx) => ["tcp_nodelay on;", "proxy_buffering off;", "proxy_request_buffering off;"],
        (Delay, HAProxy) => ["option http-no-delay"],
        _ => [],
    };

    /// <summary>What else mends it: mostly at the proxies themselves, where nobody else can be asked.</summary>
    private static IEnumerable<string> OthersOf(Finding finding)
    {
        switch (finding.Kind)
        {
            case Clock:
                yield return "timedatectl set-ntp true";
                break;
            case CertificateExpires:
                yield return "renew it, and put it into the place of the old one: the relay takes it by itself";
                break;
            case OlderRelay:
                yield return "install a newer ptth-relay";
                break;
            case RequestBuffering:
                yield return UploadAuto;
                break;
            case SizeCap:
                yield return UploadAuto;
                if (finding.Bound is > 0 and < 1024 * 1024 and var bytes) yield return string.Create(CultureInfo.InvariantCulture, $"segment_bytes = {bytes}");
                break;
            case BreakAsEnd:
                yield return "mark_ends = true  # at one of the two proxies";
                break;
            case IdleCut when finding.Bound is { } seconds:
                // Half of it: a record may be late, and the bound may be a little shorter than what was seen.
                yield return string.Create(CultureInfo.InvariantCulture, $"keep_alive = {Math.Max(1, seconds / 2)}");
                break;
        }

        // It is asked for a tunnel then, and hands bytes on as they are.
        if (finding.IsForwarded && FindingTexts.IsOfPath(finding.Kind))
            yield return "relay = \"https://…\", so that the HTTP proxy on this side sees no requests";
    }

    private static string PlaceOf(FindingKind finding) => finding switch
    {
        Clock => "on the machine whose clock is wrong",
        CertificateExpires or OlderRelay => "at the relay",
        _ => Ours,
    };
}
