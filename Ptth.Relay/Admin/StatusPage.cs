using System.Security.Cryptography;
using System.Text;
using Ptth.Http;
using Ptth.Http.Server;

namespace Ptth.Relay.Admin;

/// <summary>The page at <c>/</c>: one file, embedded. It may run its own scripts, which are known by their hash, and speak to its own listener alone.</summary>
internal static class StatusPage
{
    private const string ResourceName = "Ptth.Relay.Admin.Page.status.html";

    /// <summary>The answer to a request for it.</summary>
    public static HttpResponse Answer { get; } = Make();

    private static HttpResponse Make()
    {
        using Stream resource = typeof(StatusPage).Assembly.GetManifestResourceStream(ResourceName)
            ?? throw new InvalidProgramException($"{ResourceName} is not embedded.");
        using var reader = new StreamReader(resource, Encoding.UTF8);
        string html = reader.ReadToEnd();
        string policy = $"default-src 'none'; script-src {string.Join(' ', ScriptHashes(html))}; style-src 'unsafe-inline'; "
            + "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        HttpResponse answer = AdminAnswers.Document("text/html; charset=utf-8", Encoding.UTF8.GetBytes(html));
        byte[] name = "Content-Security-Policy"u8.ToArray();
        return answer with
        {
            Fields = [.. answer.Fields.Where(field => !field.Name.Span.SequenceEqual(name)), new HttpField(name, policy)],
        };
    }

    /// <summary>The hashes of the page's scripts, as a policy names them (CSP level 3): a script that somebody smuggles in has another one.</summary>
    private static IEnumerable<string> ScriptHashes(string html)
    {
        const string open = "<script>", close = "</script>";
        for (int at = html.IndexOf(open, StringComparison.Ordinal); at >= 0; at = html.IndexOf(open, at, StringComparison.Ordinal))
        {
            at += open.Length;
            int end = html.IndexOf(close, at, StringComparison.Ordinal);
            yield return $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(html[at..end])))}'";
        }
    }
}
