using System.Diagnostics.CodeAnalysis;

namespace Ptth.Common.Net;

/// <summary>What somebody says about an HTTP proxy: which one, or none.</summary>
/// <param name="Url">The proxy; null where there is to be none, whatever else says.</param>
public sealed record HttpProxySetting(HttpProxyUrl? Url)
{
    private const string None = "none";

    /// <summary>Reads a URL or the word none. Where it is neither, <paramref name="problem"/> says what would be right.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out HttpProxySetting? setting, [NotNullWhen(false)] out string? problem)
    {
        problem = null;
        HttpProxyUrl? url = null;
        bool isValid = text.Equals(None, StringComparison.OrdinalIgnoreCase) || HttpProxyUrl.TryParse(text, out url, out problem);
        setting = isValid ? new HttpProxySetting(url) : null;
        problem ??= isValid ? null : HttpProxyUrl.Expected;
        return isValid;
    }
}
