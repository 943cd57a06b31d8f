using System.Text.RegularExpressions;

namespace Ptth.Fuzz.Reference;

/// <summary>
/// A second reader of heads, written from RFC 9112, RFC 9110 and RFC 3986 and from the list in docs/security.md alone: regular
/// expressions over the whole text, no state, no speed. What it takes, the product has to take, and the other way round.
/// </summary>
internal static partial class NaiveHead
{
    private const string Tchar = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]";
    private const string RegisteredName = @"(?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})+";
    private const string H16 = "[0-9A-Fa-f]{1,4}";
    private const string Octet = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private const string IPv4 = $@"{Octet}\.{Octet}\.{Octet}\.{Octet}";
    private const string Ls32 = $"(?:{H16}:{H16}|{IPv4})";

    // IPv6address of RFC 3986, line by line.
    private const string IPv6 = $"(?:(?:{H16}:){{6}}{Ls32}"
        + $"|::(?:{H16}:){{5}}{Ls32}"
        + $"|(?:{H16})?::(?:{H16}:){{4}}{Ls32}"
        + $"|(?:(?:{H16}:){{0,1}}{H16})?::(?:{H16}:){{3}}{Ls32}"
        + $"|(?:(?:{H16}:){{0,2}}{H16})?::(?:{H16}:){{2}}{Ls32}"
        + $"|(?:(?:{H16}:){{0,3}}{H16})?::{H16}:{Ls32}"
        + $"|(?:(?:{H16}:){{0,4}}{H16})?::{Ls32}"
        + $"|(?:(?:{H16}:){{0,5}}{H16})?::{H16}"
        + $"|(?:(?:{H16}:){{0,6}}{H16})?::)";

    /// <summary>Reads the head of a request, without the empty line at its end and without one that stands before it.</summary>
    /// <returns>What it says; null where it is refused.</returns>
    public static NaiveMessage? ReadRequest(string head)
    {
        string[] lines = head.Split("\r\n");
        Match start = RequestLine().Match(lines[0]);
        if (!start.Success || ReadFields(lines) is not { } fields) return null;
        string method = start.Groups["method"].Value, target = start.Groups["target"].Value;
        bool is10 = start.Groups["minor"].Value == "0";
        if (!IsTargetAllowed(method, target, out (string Scheme, string Text)? authority) || !IsHostAllowed(fields, is10, authority)) return null;
        string[] expectations = [.. ListOf(fields, "expect").Where(static member => member.Length > 0)];
        if (expectations.Any(static expectation => !expectation.Equals("100-continue", StringComparison.OrdinalIgnoreCase))) return null;
        if (NaiveFraming.Of(fields, is10) is not { } framing) return null;
        bool awaits = expectations.Length > 0 && !is10 && framing is not (NaiveFraming.None or NaiveFraming.Empty);
        return new NaiveMessage(framing, IsKept(fields, is10), awaits, 0);
    }

    /// <summary>Reads the head of a response, without the empty line at its end.</summary>
    /// <returns>What it says; null where it is refused.</returns>
    public static NaiveMessage? ReadResponse(string head, string requestMethod)
    {
        string[] lines = head.Split("\r\n");
        Match start = StatusLine().Match(lines[0]);
        if (!start.Success) return null;
        int status = int.Parse(start.Groups["status"].Value, System.Globalization.CultureInfo.InvariantCulture);
        // What opens a tunnel has no body, whatever its fields say.
        if (ReadFields(lines, haveFraming: requestMethod != "CONNECT" || status is < 200 or >= 300) is not { } fields) return null;
        bool is10 = start.Groups["minor"].Value == "0";
        if (status == 101 || NaiveFraming.OfResponse(fields, is10, status, requestMethod) is not { } framing) return null;
        return new NaiveMessage(framing, IsKept(fields, is10) && framing != NaiveFraming.UntilClose && status != 304, false, status);
    }

    /// <summary>The members of a list field, over all its lines.</summary>
    public static IEnumerable<string> ListOf(IEnumerable<(string Name, string Value)> fields, string name) =>
        fields.Where(field => field.Name == name).SelectMany(static field => field.Value.Split(',')).Select(static member => member.Trim(' ', '\t'));

    private static List<(string Name, string Value)>? ReadFields(string[] lines, bool haveFraming = true)
    {
        var fields = new List<(string, string)>();
        foreach (string line in lines.Skip(1))
        {
            Match match = FieldLine().Match(line);
            if (!match.Success) return null;
            if (haveFraming && FramingField().IsMatch(line) && line.Contains('\t', StringComparison.Ordinal)) return null;
            fields.Add((match.Groups["name"].Value.ToLowerInvariant(), match.Groups["value"].Value.Trim(' ', '\t')));
        }

        return fields.Count > 64 ? null : fields;
    }

    private static bool IsTargetAllowed(string method, string target, out (string Scheme, string Text)? authority)
    {
        authority = null;
        if (method == "CONNECT") return false;
        if (target.StartsWith('/')) return true;
        if (target == "*") return method == "OPTIONS";
        Match absolute = AbsoluteForm().Match(target);
        if (!absolute.Success) return false;
        authority = (absolute.Groups["scheme"].Value.ToLowerInvariant(), absolute.Groups["authority"].Value);
        return IsHostAndPort(authority.Value.Text);
    }

    private static bool IsHostAllowed(List<(string Name, string Value)> fields, bool is10, (string Scheme, string Text)? authority)
    {
        string[] hosts = [.. fields.Where(static field => field.Name == "host").Select(static field => field.Value)];
        if (hosts.Length > 1) return false;
        if (hosts.Length == 0) return is10;
        if (!IsHostAndPort(hosts[0])) return false;
        return authority is null || Canonical(hosts[0], authority.Value.Scheme) == Canonical(authority.Value.Text, authority.Value.Scheme);
    }

    private static string Canonical(string host, string scheme) =>
        Regex.Replace(host.ToLowerInvariant(), scheme == "http" ? ":(80)?\\z" : ":(443)?\\z", "");

    private static bool IsHostAndPort(string text)
    {
        Match match = HostAndPort().Match(text);
        return match.Success && (match.Groups["port"].Value.TrimStart('0') is var port) && port.Length <= 5
            && (port.Length == 0 || int.Parse(port, System.Globalization.CultureInfo.InvariantCulture) <= 65_535);
    }

    private static bool IsKept(List<(string Name, string Value)> fields, bool is10)
    {
        string[] options = [.. ListOf(fields, "connection").Select(static option => option.ToLowerInvariant())];
        return !options.Contains("close") && (!is10 || options.Contains("keep-alive"));
    }

    [GeneratedRegex($@"^(?<method>{Tchar}{{1,32}}) (?<target>(?:[A-Za-z0-9\-._~:/?\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{{2}})+) HTTP/1\.(?<minor>[01])\z")]
    private static partial Regex RequestLine();

    [GeneratedRegex(@"^HTTP/1\.(?<minor>[01]) (?<status>[1-5][0-9]{2})(?: [\t\x20-\x7e\x80-\xff]*)?\z")]
    private static partial Regex StatusLine();

    [GeneratedRegex($@"^(?<name>{Tchar}+):(?<value>[\t\x20-\x7e\x80-\xff]*)\z")]
    private static partial Regex FieldLine();

    [GeneratedRegex("^(?:Content-Length|Transfer-Encoding):", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex FramingField();

    [GeneratedRegex(@"^(?<scheme>https?)://(?<authority>[^/?]*)(?:[/?].*)?\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex AbsoluteForm();

    [GeneratedRegex($@"^(?:{RegisteredName}|\[{IPv6}\])(?::(?<port>[0-9]*))?\z")]
    private static partial Regex HostAndPort();
}
