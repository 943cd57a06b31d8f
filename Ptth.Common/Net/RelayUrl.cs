using System.Diagnostics.CodeAnalysis;
using Ptth.Common.Protocol;

namespace Ptth.Common.Net;

/// <summary>
/// Where a relay is: <c>http://HOST[:PORT][/PATH]</c> or https. No path, or only a slash, means <c>/v1</c>:
/// the two are one URL (RFC 9110 section 4.2.3).
/// </summary>
public sealed record RelayUrl
{
    /// <summary>What a relay's URL must be, for error texts.</summary>
    public const string Expected = "must be a URL such as \"https://relay.example\" or \"http://relay.example:8080/ptth/v1\"";

    private const int HttpPort = 80;
    private const int HttpsPort = 443;

    private RelayUrl(bool isTls, HostPort target, string basePath)
    {
        IsTls = isTls;
        Target = target;
        BasePath = basePath;
    }

    /// <summary>Whether the URL is https.</summary>
    public bool IsTls { get; }

    /// <summary>The host and port to connect to.</summary>
    public HostPort Target { get; }

    /// <summary>The host name in lower case, or the IP address without brackets.</summary>
    public string Host => Target.Host;

    /// <summary>The TCP port; 80 or 443 where the URL has none.</summary>
    public int Port => Target.Port;

    /// <summary>The path before each request's own, without a trailing slash: <c>/v1</c> where the URL has none.</summary>
    public string BasePath { get; }

    /// <summary>The Host field's value (RFC 9110 section 7.2): without the port where it is the scheme's own.</summary>
    public string HostHeader => Port == (IsTls ? HttpsPort : HttpPort) ? Target.BracketedHost : Target.ToString();

    /// <summary>Reads a URL. Where it is not valid, <paramref name="problem"/> says what would be right.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out RelayUrl? url, [NotNullWhen(false)] out string? problem)
    {
        url = null;
        problem = Expected;
        bool isTls = text.StartsWith("https://", StringComparison.OrdinalIgnoreCase);
        if (!isTls && !text.StartsWith("http://", StringComparison.OrdinalIgnoreCase)) return false;
        string rest = text[(isTls ? "https://".Length : "http://".Length)..];
        if (rest.AsSpan().ContainsAny('?', '#'))
        {
            problem = "must be a URL without a query or a fragment";
            return false;
        }
        int slash = rest.IndexOf('/', StringComparison.Ordinal);
        string authority = slash < 0 ? rest : rest[..slash];
        if (authority.Contains('@', StringComparison.Ordinal))
        {
            problem = "must be a URL without a user name: the key is given by key_file, key or --key-file";
            return false;
        }
        // A zone would have to be left out of the Host field, and means nothing to another machine (RFC 6874 section 1).
        if (authority.Contains('%', StringComparison.Ordinal)) return false;
        if (!TryParseAuthority(authority.ToLowerInvariant(), isTls ? HttpsPort : HttpPort, out HostPort? target)) return false;
        string path = slash < 0 || slash == rest.Length - 1 ? PtthPaths.DefaultBase : rest[slash..];
        if (!Net.BasePath.TryNormalize(path, out string? basePath))
        {
            problem = "has a path that " + Net.BasePath.Expected;
            return false;
        }
        url = new RelayUrl(isTls, target, basePath);
        problem = null;
        return true;
    }

    private static bool TryParseAuthority(string authority, int defaultPort, [NotNullWhen(true)] out HostPort? target) =>
        HostPort.TryParse(authority, out target) || HostPort.TryCreate(authority, defaultPort, out target);

    /// <summary>The URL in its one spelling.</summary>
    public override string ToString() =>
        (IsTls ? "https://" : "http://") + HostHeader + BasePath;
}
