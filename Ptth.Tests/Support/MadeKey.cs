using System.Text.RegularExpressions;
using NUnit.Framework;

namespace Ptth.Tests.Support;

/// <summary>A key and the hash by which a relay knows it, as <c>ptth-relay keygen</c> makes them.</summary>
internal sealed partial record MadeKey(string Key, string Hash)
{
    /// <summary>Makes a key.</summary>
    public static async Task<MadeKey> MakeAsync(CancellationToken token)
    {
        var made = await Command.RunAsync(Repository.Relay, ["keygen"], token);
        var match = Output().Match(made.Output);
        Assert.That(match.Success && made.ExitCode == 0, Is.True, () => $"keygen: {made}");
        return new MadeKey(match.Groups[1].Value, match.Groups[2].Value);
    }

    [GeneratedRegex("""\A\s*key = "(ptth_[A-Za-z0-9_-]{43})"\s+key_hash = "(sha256:[^"\s]+)"\s*\z""")]
    private static partial Regex Output();
}
