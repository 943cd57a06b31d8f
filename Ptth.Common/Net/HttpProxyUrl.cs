using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Ptth.Common.Net;

/// <summary>
/// Where an HTTP proxy is: <c>http://[USER:PASSWORD@]HOST:PORT</c>. It never prints its user and password:
/// <see cref="RevealAuthorization"/> is the one way to them.
/// </summary>
public sealed class HttpProxyUrl
{
    /// <summary>What a proxy's URL must be, for error texts.</summary>
    public const string Expected = "must be \"none\" or a URL such as \"http://proxy.example:3128\" or \"http://USER:PASSWORD@proxy.example:3128\"";

    private readonly string? _credentials;

    private HttpProxyUrl(HostPort target, string? credentials)
    {
        Target = target;
        _credentials = credentials;
    }

    /// <summary>The host and port to connect to.</summary>
    public HostPort Target { get; }

    /// <summary>Whether the URL holds a user, with or without a password.</summary>
    public bool HasCredentials => _credentials is not null;

    /// <summary>
    /// Reads a URL; the scheme may be missing, as in the environment it often is. Where it is not valid, <paramref name="problem"/> says what
    /// would be right, and repeats nothing of the text, which may hold a password.
    /// </summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out HttpProxyUrl? url, [NotNullWhen(false)] out string? problem)
    {
        url = null;
        int colon = text.IndexOf("://", StringComparison.Ordinal);
        string rest = colon < 0 ? text : text[(colon + 3)..];
        problem = colon < 0 ? null : ProblemOfScheme(text[..colon]);
        if (problem is not null) return false;
        if (rest.EndsWith('/')) rest = rest[..^1];
        if (rest.AsSpan().ContainsAny("/?#"))
        {
            problem = "must be a proxy's URL without a path; in a user or a password write / as %2F, ? as %3F and # as %23";
            return false;
        }

        int at = rest.LastIndexOf('@');
        string? credentials = null;
        if (at >= 0 && !TryDecode(rest[..at], out credentials, out problem)) return false;
        string host = rest[(at + 1)..].ToLowerInvariant();
        if (HostPort.TryParse(host, out HostPort? target))
        {
            url = new HttpProxyUrl(target, credentials);
            problem = null;
            return true;
        }

        problem = HostPort.TryCreate(host, 1, out _) ? "must name the proxy's port, such as \"http://proxy.example:3128\": there is no usual one" : Expected;
        return false;
    }

    /// <summary>What Proxy-Authorization says: Basic (RFC 7617), in UTF-8; null without a user.</summary>
    public string? RevealAuthorization() => _credentials is null ? null : "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(_credentials));

    /// <summary>Host and port alone, so that no log line can carry a password by accident.</summary>
    public override string ToString() => Target.ToString();

    private static string? ProblemOfScheme(string scheme) => scheme.ToLowerInvariant() switch
    {
        "http" => null,
        "https" => "is a proxy that is itself reached over TLS, which is not supported; give its http:// port: to a relay with https:// "
            + "everything through it is encrypted all the same",
        var socks when socks.StartsWith("socks", StringComparison.Ordinal) => "is a SOCKS proxy, which is not supported; give an HTTP proxy, http://HOST:PORT",
        _ => Expected,
    };

    /// <summary>USER or USER:PASSWORD, each percent-encoded (RFC 3986 section 3.2.1).</summary>
    private static bool TryDecode(string text, [NotNullWhen(true)] out string? credentials, [NotNullWhen(false)] out string? problem)
    {
        credentials = null;
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string? user = Decode(colon < 0 ? text : text[..colon]);
        string? password = colon < 0 ? "" : Decode(text[(colon + 1)..]);
        if (user is null || password is null)
        {
            problem = "has a % in its user or password that no two hex digits of a UTF-8 text follow; write % itself as %25";
            return false;
        }

        // RFC 7617 section 2: the first colon ends the user, and control characters are not allowed.
        problem = user.Contains(':', StringComparison.Ordinal) ? "has a user with a colon in it, which Basic credentials cannot carry"
            : user.Any(char.IsControl) || password.Any(char.IsControl) ? "has a control character in its user or password"
            : user.Length == 0 ? "has an @ but no user in front of it"
            : null;
        if (problem is not null) return false;
        credentials = $"{user}:{password}";
        return true;
    }

    private static string? Decode(string text)
    {
        byte[] source = Encoding.UTF8.GetBytes(text);
        var decoded = new List<byte>(source.Length);
        for (int i = 0; i < source.Length; i++)
        {
            if (source[i] != '%')
            {
                decoded.Add(source[i]);
                continue;
            }

            if (i + 2 >= source.Length || !char.IsAsciiHexDigit((char)source[i + 1]) || !char.IsAsciiHexDigit((char)source[i + 2])) return null;
            decoded.Add(byte.Parse(source.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
            i += 2;
        }

        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString([.. decoded]);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
