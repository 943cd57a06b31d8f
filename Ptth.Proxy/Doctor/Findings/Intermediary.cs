namespace Ptth.Proxy.Doctor.Findings;

/// <summary>Something that stands between, and how it shows itself.</summary>
/// <param name="Kind">The program, as far as it is known.</param>
/// <param name="ShownBy">The field that shows it: <c>Server: nginx/1.22.1</c>.</param>
internal sealed record Intermediary(IntermediaryKind Kind, string ShownBy)
{
    private static readonly (string Word, IntermediaryKind Kind)[] Words =
    [
        ("nginx", IntermediaryKind.Nginx),
        ("openresty", IntermediaryKind.Nginx),
        ("tengine", IntermediaryKind.Nginx),
        ("haproxy", IntermediaryKind.HAProxy),
        ("apache", IntermediaryKind.Apache),
        ("caddy", IntermediaryKind.Caddy),
        ("lighttpd", IntermediaryKind.Lighttpd),
        ("squid", IntermediaryKind.Squid),
        ("tinyproxy", IntermediaryKind.Tinyproxy),
        ("cloudflare", IntermediaryKind.Cloudflare),
    ];

    /// <summary>What people call it.</summary>
    public string Name => NameOf(Kind) ?? "something between";

    /// <summary>
    /// Those that an answer shows: a relay's own has neither field. Each member of Via is one of them (RFC 9110 section 7.6.3); Server is the
    /// origin's, and that of the one that has written the answer anew, as nginx does.
    /// </summary>
    /// <param name="server">The Server field; null without one.</param>
    /// <param name="via">The Via field; null without one.</param>
    public static IEnumerable<Intermediary> Of(string? server, string? via)
    {
        if (server is { Length: > 0 }) yield return new Intermediary(KindOf(server), $"Server: {server}");
        foreach (string member in (via ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            yield return new Intermediary(KindOf(member), $"Via: {member}");
    }

    /// <summary>What people call a program; null for one that is not known.</summary>
    public static string? NameOf(IntermediaryKind kind) => kind switch
    {
        IntermediaryKind.Nginx => "nginx",
        IntermediaryKind.HAProxy => "HAProxy",
        IntermediaryKind.Apache => "Apache httpd",
        IntermediaryKind.Caddy => "Caddy",
        IntermediaryKind.Lighttpd => "lighttpd",
        IntermediaryKind.Squid => "Squid",
        IntermediaryKind.Tinyproxy => "tinyproxy",
        IntermediaryKind.Cloudflare => "Cloudflare",
        _ => null,
    };

    private static IntermediaryKind KindOf(string text)
    {
        foreach ((string word, IntermediaryKind kind) in Words)
            if (text.Contains(word, StringComparison.OrdinalIgnoreCase)) return kind;
        return IntermediaryKind.Other;
    }
}
