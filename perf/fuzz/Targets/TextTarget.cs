using System.Net;
using System.Text;
using Ptth.Common.Net;
using Ptth.Common.Protocol;
using Ptth.Proxy.Configuration;
using Ptth.Relay;
using Ptth.Relay.Configuration;

namespace Ptth.Fuzz.Targets;

/// <summary>
/// The parsers of short texts: keys, hashes, IDs, names, addresses, URLs, paths, reasons. All of them read every input. What one takes it
/// writes so that it takes it again as the same; what has one spelling is taken in no other.
/// </summary>
internal sealed class TextTarget : IFuzzTarget
{
    /// <inheritdoc/>
    public string Name => "text";

    /// <inheritdoc/>
    public string Dictionary => "text.dict";

    /// <inheritdoc/>
    public int MaxBytes => 512;

    /// <inheritdoc/>
    public void Run(ReadOnlySpan<byte> input)
    {
        string text = Encoding.UTF8.GetString(input);
        CheckProtocol(text);
        CheckAddresses(text);
        CheckRoute(text);
        CheckProblem(input);
    }

    private static void CheckProtocol(string text)
    {
        if (PtthKey.TryParse(text, out PtthKey? key)) Same(key.Reveal(), text);
        if (ConnectionId.TryParse(text, out ConnectionId id)) Same(id.ToString(), text);
        if (KeyHash.TryParse(text, out KeyHash hash)) Same(hash.ToString(), text[..KeyHash.Prefix.Length] + text[KeyHash.Prefix.Length..].ToLowerInvariant());
        if (PtthName.TryParse(text, out string? name)) Same(name, text);
        if (AllowPattern.TryParse(text, out AllowPattern? pattern)) Same($"{pattern.Server}/{pattern.Port}", text);
    }

    private static void CheckAddresses(string text)
    {
        if (HostPort.TryParse(text, out HostPort? target)) Again<HostPort>(target.ToString(), HostPort.TryParse, target.ToString());
        if (ListenAddress.TryParse(text, out IPEndPoint? listen)) Again<IPEndPoint>(listen.ToString(), ListenAddress.TryParse, listen.ToString());
        if (ListenAddress.TryParseForward(text, out IPEndPoint? forward)) Again<IPEndPoint>(forward.ToString(), ListenAddress.TryParseForward, forward.ToString());
        if (PortMapping.TryParse(text, out PortMapping? mapping)) Same(text[..(mapping.Name.Length + 1)], mapping.Name + "=");
        if (Forward.TryParse(text, out Forward? to) && !text.EndsWith($"={to.Server}/{to.Port}", StringComparison.Ordinal)) throw new Finding("a forward goes elsewhere");
        if (BasePath.TryNormalize(text, out string? path)) Again<string>(path.Length == 0 ? "/" : path, BasePath.TryNormalize, path);
        if (!RelayUrl.TryParse(text, out RelayUrl? url, out string? problem))
        {
            if (string.IsNullOrEmpty(problem)) throw new Finding("a URL is refused without a reason");
            return;
        }

        if (!RelayUrl.TryParse(url.ToString(), out RelayUrl? again, out _) || again.ToString() != url.ToString() || again.Port != url.Port || again.IsTls != url.IsTls)
            throw new Finding($"a URL written anew is another: {url}");
    }

    private static void CheckRoute(string text)
    {
        Route route = Route.Parse(text, "/v1");
        if (route.Kind == RouteKind.Unknown) return;
        string arguments = string.Concat(new[] { route.First, route.Second }.Where(static part => part.Length > 0).Select(static part => "/" + part));
        // Arguments are not checked here, and may be empty.
        if (!text.StartsWith("/v1/", StringComparison.Ordinal) || !text.TrimEnd('/').EndsWith(arguments.TrimEnd('/'), StringComparison.Ordinal)) throw new Finding("a route has other arguments");
    }

    private static void CheckProblem(ReadOnlySpan<byte> input)
    {
        if (!Problem.TryParse(input, out Problem? problem)) return;
        byte[] written = problem.ToUtf8();
        // Type and title are never cut: what the relay itself writes has short ones.
        if (written.Length > Problem.MaxBytes) return;
        if (!Problem.TryParse(written, out Problem? again)) throw new Finding("a reason that was written is not read");
        if (again.Title != problem.Title || again.Type != problem.Type || again.Status != problem.Status || !problem.Detail.StartsWith(again.Detail, StringComparison.Ordinal))
            throw new Finding("a reason written anew is another");
        if ((again.Title + again.Detail + again.Type).Any(static c => char.IsControl(c))) throw new Finding("a reason has a control character");
    }

    private static void Same(string written, string text)
    {
        if (written != text) throw new Finding($"another spelling is taken: {Uri.EscapeDataString(text)}");
    }

    private delegate bool Parser<T>(ReadOnlySpan<char> text, out T? value);

    private static void Again<T>(string written, Parser<T> parse, string expected)
    {
        if (!parse(written, out T? value) || value!.ToString() != expected) throw new Finding($"what was written is not read: {written}");
    }
}
