using System.Text.RegularExpressions;
using Ptth.Proxy.Commands;
using Ptth.Relay.Commands;
using Ptth.Tests.Common;

namespace Ptth.Tests.Packaging;

/// <summary>
/// The keys that a program's configuration may have, as the program tells them itself: it names those it knows where it finds one that it
/// does not know. A key of a table is TABLE.KEY.
/// </summary>
internal static partial class ConfigurationKeys
{
    // Near no key there is, so that the program lists them all.
    private const string Unknown = "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq";

    /// <summary>The keys of relay.toml.</summary>
    public static Task<SortedSet<string>> OfRelayAsync() =>
        FindAsync("", path => ProgramRun.Of("ptth-relay", RelayProgram.RunAsync, ["check", "--config", path]));

    /// <summary>The keys of server.toml or client.toml.</summary>
    public static Task<SortedSet<string>> OfProxyAsync(string command) =>
        FindAsync("relay = 'https://relay.example'\n", path => ProgramRun.Of("ptth-proxy", ProxyProgram.RunAsync, [command, "--config", path]));

    private static async Task<SortedSet<string>> FindAsync(string head, Func<string, Task<ProgramRun>> run)
    {
        using var directory = new TempDirectory();
        var keys = new SortedSet<string>(StringComparer.Ordinal);
        foreach (string key in await AskAsync(Unknown, $"{head}{Unknown} = 1\n"))
        {
            string name = $"{key}.{Unknown}";
            string[] inside = [.. await AskAsync(name, $"{head}[{key}]\n{Unknown} = 1\n"), .. await AskAsync(name, $"{head}[[{key}]]\n{Unknown} = 1\n")];
            if (inside.Length == 0) keys.Add(key);
            foreach (string known in inside) keys.Add($"{key}.{known}");
        }

        return keys;

        async Task<string[]> AskAsync(string name, string text)
        {
            string problems = (await run(directory.Write("probe.toml", text))).Error;
            Match told = KnownKeys().Matches(problems).FirstOrDefault(match => match.Groups["name"].Value == name) ?? Match.Empty;
            return told.Success ? told.Groups["keys"].Value.Split(", ") : [];
        }
    }

    [GeneratedRegex(@": (?<name>[a-z_.]+): unknown key; known here are (?<keys>[a-z_, ]+)$", RegexOptions.Multiline)]
    private static partial Regex KnownKeys();
}
