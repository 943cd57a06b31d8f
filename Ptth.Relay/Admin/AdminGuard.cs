using System.Buffers.Text;
using System.Net;
using System.Text;
using Ptth.Common.Protocol;
using Ptth.Http.Core;
using Ptth.Http.Server;
using Ptth.Relay.Admission;
using Ptth.Relay.Configuration;

namespace Ptth.Relay.Admin;

/// <summary>
/// Decides who may ask the admin listener. With a key: whoever has it. Without one being on this machine is enough, and then web pages that
/// a browser on this machine shows are to be kept out: a name that a stranger points at 127.0.0.1 (DNS rebinding) is no host of ours, and a
/// foreign page's requests are told by Sec-Fetch-Site, or by the header that it cannot send.
/// </summary>
/// <param name="admin">The listener.</param>
/// <param name="context">The relay's parts.</param>
internal sealed class AdminGuard(AdminEntry admin, RelayContext context)
{
    // A key behind a user name that a person types.
    private const int MaxCredentialBytes = 256;

    private readonly StrangersLog _strangers = new(context.Logger, context.Ticker);
    private readonly FailedAuthentications _failures = new(context.Config.Limits.FailedAuthenticationsPerAddress);

    /// <summary>The answer to a request that is not to be served; null where it is.</summary>
    public HttpResponse? Check(ServerExchange exchange, AdminRoute route)
    {
        if (route.IsPublic) return null;
        RequestHead request = exchange.Request;
        if (admin.Key is null)
        {
            if (!IsOwnHost(request.Fields)) return AdminAnswers.WrongHost;
        }
        else if (!HasKey(request.Fields, admin.Key.Value))
        {
            return Refuse(exchange);
        }

        // A link from elsewhere may lead to the page; nothing else is for other sites.
        if (route.Kind != AdminRouteKind.Page && IsFromOtherSite(request.Fields)) return AdminAnswers.OtherSite;
        return route.Kind == AdminRouteKind.Close && !HasAdminField(request.Fields) ? AdminAnswers.NoAdminField : null;
    }

    private HttpResponse Refuse(ServerExchange exchange)
    {
        RequestHead request = exchange.Request;
        TimeSpan delay = _failures.Add(exchange.RemoteEndPoint, context.Ticker.NowMilliseconds);
        HttpResponse refusal = delay == TimeSpan.Zero ? AdminAnswers.Unauthorized : AdminAnswers.TooManyFailures(delay);
        var authentication = Authentication.Nobody(request.Fields.CountOf("Authorization"u8) == 0 ? KeyVerdict.Missing : KeyVerdict.Unknown);
        context.Statistics.FailedAdminAuthentications.Increment(0);
        // Browsers come without a key first, to be asked for it.
        if (authentication.Verdict == KeyVerdict.Missing) return refusal;
        _strangers.Refused(exchange, refusal, authentication);
        context.Audit.AuthenticationFailed(exchange.RemoteEndPoint, request.Method, request.Path, authentication, refusal.Status);
        return refusal;
    }

    /// <summary>Whether the host is an IP address or localhost, whatever the port: what no stranger's name server can answer for.</summary>
    private static bool IsOwnHost(FieldList fields)
    {
        // HTTP/1.0 may go without one, and no browser speaks that.
        if (!fields.TryGetSingle("Host"u8, out ReadOnlySpan<byte> host)) return true;
        if (host[0] == (byte)'[') return true;
        int colon = host.LastIndexOf((byte)':');
        if (colon >= 0) host = host[..colon];
        return Ascii.EqualsIgnoreCase(host, "localhost"u8) || IPAddress.TryParse(Encoding.ASCII.GetString(host), out _);
    }

    /// <summary>Fetch Metadata (W3C): browsers say where a request comes from, and pages cannot change it. Other programs do not say.</summary>
    private static bool IsFromOtherSite(FieldList fields) => fields.TryGetSingle("Sec-Fetch-Site"u8, out ReadOnlySpan<byte> site)
        ? !site.SequenceEqual("same-origin"u8) && !site.SequenceEqual("none"u8)
        : fields.CountOf("Sec-Fetch-Site"u8) > 0;

    /// <summary>A field that a form cannot send, and a script of another site only after asking, which is never granted.</summary>
    private static bool HasAdminField(FieldList fields) => fields.TryGetSingle("Ptth-Admin"u8, out ReadOnlySpan<byte> value) && value.SequenceEqual("1"u8);

    private static bool HasKey(FieldList fields, KeyHash key)
    {
        if (!fields.TryGetSingle("Authorization"u8, out ReadOnlySpan<byte> value)) return false;
        if (TryTakeScheme(ref value, "Bearer "u8)) return KeyHash.OfKeyText(value) == key;
        if (!TryTakeScheme(ref value, "Basic "u8) || value.Length > MaxCredentialBytes) return false;
        Span<byte> credentials = stackalloc byte[MaxCredentialBytes];
        if (Base64.DecodeFromUtf8(value, credentials, out _, out int length) != System.Buffers.OperationStatus.Done) return false;
        // RFC 7617 section 2: the first colon ends the user, who does not matter.
        credentials = credentials[..length];
        int colon = credentials.IndexOf((byte)':');
        return colon >= 0 && KeyHash.OfKeyText(credentials[(colon + 1)..]) == key;
    }

    private static bool TryTakeScheme(ref ReadOnlySpan<byte> value, ReadOnlySpan<byte> scheme)
    {
        if (value.Length <= scheme.Length || !Ascii.EqualsIgnoreCase(value[..scheme.Length], scheme)) return false;
        value = value[scheme.Length..].TrimStart((byte)' ');
        return true;
    }
}
