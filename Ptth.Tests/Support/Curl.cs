using System.Globalization;
using System.Text.Json;

namespace Ptth.Tests.Support;

/// <summary>An answer as curl saw it.</summary>
internal sealed record CurlAnswer(int Status, IReadOnlyDictionary<string, string> Fields, string Body)
{
    /// <summary>A member of the problem that the body is (RFC 9457).</summary>
    public string? Problem(string member)
    {
        using var document = JsonDocument.Parse(Body);
        return document.RootElement.TryGetProperty(member, out var value) ? value.ToString() : null;
    }
}

/// <summary>Requests by curl, which nobody here wrote.</summary>
internal static class Curl
{
    /// <summary>One request; its answer whatever the status.</summary>
    /// <param name="token">Ends it.</param>
    /// <param name="arguments">Arguments of curl, the URL among them.</param>
    public static async Task<CurlAnswer> AskAsync(CancellationToken token, params string[] arguments)
    {
        var run = await Command.RunAsync("curl", ["-sS", "-i", "--max-time", "30", "--noproxy", "*", .. arguments], token);
        if (run.ExitCode != 0)
            throw new InvalidOperationException($"curl {string.Join(' ', arguments)}: {run}");
        var end = run.Output.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        var lines = run.Output[..end].Split("\r\n");
        var fields = lines.Skip(1)
            .Select(l => l.Split(':', 2))
            .GroupBy(f => f[0], f => f[1].Trim(), StringComparer.OrdinalIgnoreCase)
            .ToDictionary(f => f.Key, f => string.Join(", ", f), StringComparer.OrdinalIgnoreCase);
        return new CurlAnswer(int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture), fields, run.Output[(end + 4)..]);
    }

    /// <summary>One request to the relay.</summary>
    public static Task<CurlAnswer> AskAsync(
        TunnelRig rig, string method, string path, MadeKey? key, CancellationToken token, params string[] arguments) =>
        AskAsync(token, [.. arguments, .. rig.CurlTrust, .. Authorization(key), "-X", method, rig.RelayUrl + path]);

    /// <summary>The arguments that send a key.</summary>
    public static string[] Authorization(MadeKey? key) => key is null ? [] : ["-H", $"Authorization: Bearer {key.Key}"];
}
