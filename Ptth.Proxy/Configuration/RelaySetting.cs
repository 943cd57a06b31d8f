using System.Diagnostics.CodeAnalysis;
using Ptth.Common.Net;

namespace Ptth.Proxy.Configuration;

/// <summary>The relay's URL, as far as this version can use it.</summary>
internal static class RelaySetting
{
    private const string NoTls =
        "https:// relays are not supported by this version; use http://, and for TLS put a TLS client such as stunnel between this proxy and the relay";

    /// <summary>Reads a URL. Where it cannot be used, <paramref name="problem"/> says what would be right.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out RelayUrl? url, [NotNullWhen(false)] out string? problem)
    {
        if (!RelayUrl.TryParse(text, out url, out problem)) return false;
        if (!url.IsTls) return true;
        url = null;
        problem = NoTls;
        return false;
    }
}
