using System.Text;
using Ptth.Http.Core;

namespace Ptth.Http.Client;

/// <summary>What a proxy on the way has against it, each in one line that says that it was the proxy, and what helps.</summary>
public static class ProxyRefusal
{
    private const int MaxRealmLength = 64;

    /// <summary>An answer to a request that went through the proxy, and that the origin did not give.</summary>
    public static string OfForwarded(HttpProxy proxy, HttpOrigin origin, ResponseHead head)
    {
        ArgumentNullException.ThrowIfNull(proxy);
        ArgumentNullException.ThrowIfNull(origin);
        ArgumentNullException.ThrowIfNull(head);
        return Of(proxy, origin, head, $"POST to http://{origin.Authority}/");
    }

    /// <summary>An answer to CONNECT that opens no tunnel.</summary>
    internal static string OfTunnel(HttpProxy proxy, HttpOrigin origin, ResponseHead head) => Of(proxy, origin, head, $"CONNECT to port {origin.Port}");

    /// <summary>There is no connection to the proxy.</summary>
    public static string Unreachable(HttpProxy proxy, string detail) =>
        $"cannot reach the proxy {proxy}: {detail}; check its address, or go without it (proxy = \"none\", --proxy none)";

    /// <summary>CONNECT was not answered in time.</summary>
    public static string Late(HttpProxy proxy, double seconds) =>
        $"the proxy {proxy} did not answer CONNECT within {seconds:0.#} s; check that it is an HTTP proxy and that it can reach the relay";

    internal static string Closed(HttpProxy proxy) =>
        $"the proxy {proxy} closed the connection instead of an answer to CONNECT; check that it is an HTTP proxy, and what its log says";

    internal static string NotHttp(HttpProxy proxy, HttpViolation violation) =>
        $"the proxy {proxy} gave an answer that is not HTTP/1.1 as it should be: {HttpViolations.DescriptionOf(violation).TrimEnd('.')}; check that it is an HTTP proxy";

    internal static string Interim(HttpProxy proxy) => $"the proxy {proxy} sends interim responses without end";

    private static string Of(HttpProxy proxy, HttpOrigin origin, ResponseHead head, string request) => head.Status switch
    {
        // tinyproxy says 401 of credentials that it does not know.
        401 or 407 => OfCredentials(proxy, head),
        403 => $"the proxy {proxy} forbids the way to the relay (403); whoever runs it must allow {request}",
        502 or 503 or 504 => $"the proxy {proxy} answered {head.Status}: it cannot reach the relay at {origin.Authority}; check that the relay runs, its URL, and that the proxy may go there",
        _ => $"the proxy {proxy} answered {head.Status} to {request}; check that it is an HTTP proxy, and what its log says",
    };

    private static string OfCredentials(HttpProxy proxy, ResponseHead head)
    {
        if (!TryFindBasic(head.Fields, head.Status == 407 ? "Proxy-Authenticate"u8 : "WWW-Authenticate"u8, out string realm))
            return $"the proxy {proxy} asks for a login of another kind than Basic ({head.Status}), which is not supported; whoever runs it must allow Basic, or this machine without a login";
        return proxy.Authorization is null
            ? $"the proxy {proxy} asks for a user and a password{realm} ({head.Status}); give them in its URL: http://USER:PASSWORD@{proxy}"
            : $"the proxy {proxy} refuses the user or the password{realm} ({head.Status}); check both in its URL: / ? # @ and % are written as %2F %3F %23 %40 %25";
    }

    /// <summary>Whether one of the challenges is Basic (RFC 9110 section 11.7.1), and its realm in words.</summary>
    private static bool TryFindBasic(FieldList fields, ReadOnlySpan<byte> name, out string realm)
    {
        realm = "";
        for (int line = 0; line < fields.Count; line++)
        {
            if (!Ascii.EqualsIgnoreCase(fields.NameAt(line), name)) continue;
            string value = Encoding.Latin1.GetString(fields.ValueAt(line));
            int basic = IndexOfBasic(value);
            if (basic < 0) continue;
            realm = RealmOf(value[basic..]);
            return true;
        }

        return false;
    }

    /// <summary>Where a scheme named Basic stands: at the start, or behind another challenge's comma.</summary>
    private static int IndexOfBasic(string value)
    {
        for (int at = 0; (at = value.IndexOf("Basic", at, StringComparison.OrdinalIgnoreCase)) >= 0; at++)
        {
            bool begins = value.AsSpan(0, at).TrimEnd() is "" or [.., ','];
            int end = at + "Basic".Length;
            if (begins && (end == value.Length || value[end] is ' ' or ',')) return at;
        }

        return -1;
    }

    private static string RealmOf(string challenge)
    {
        const string parameter = "realm=\"";
        int start = challenge.IndexOf(parameter, StringComparison.OrdinalIgnoreCase);
        int end = start < 0 ? -1 : challenge.IndexOf('"', start + parameter.Length);
        if (end < 0) return "";
        string realm = challenge[(start + parameter.Length)..end];
        if (realm.Length > MaxRealmLength) realm = realm[..MaxRealmLength] + "…";
        return $" for \"{new string([.. realm.Select(static c => c is >= ' ' and <= '~' or '…' ? c : '?')])}\"";
    }
}
