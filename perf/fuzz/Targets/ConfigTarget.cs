using System.Text;
using System.Text.RegularExpressions;
using Ptth.Common.Toml;
using Ptth.Proxy.Configuration;
using Ptth.Relay.Configuration;

namespace Ptth.Fuzz.Targets;

/// <summary>
/// A configuration file. It is read, or refused with a <see cref="ConfigException"/>; and no message has a key in it, wherever in the file
/// the key was.
/// </summary>
internal sealed partial class ConfigTarget : IFuzzTarget, IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"ptth-fuzz-{Guid.NewGuid():N}.toml");
    private readonly FileStream _file;
    private readonly Func<string, IReadOnlyList<ConfigProblem>> _load;

    private ConfigTarget(string name, Func<string, IReadOnlyList<ConfigProblem>> load)
    {
        Name = name;
        _load = load;
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.ReadWrite | FileShare.Delete,
            Options = FileOptions.DeleteOnClose,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        _file = new FileStream(_path, options);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public string Dictionary => "toml.dict";

    /// <inheritdoc/>
    public int MaxBytes => 1024;

    /// <summary><c>relay.toml</c>.</summary>
    public static ConfigTarget OfRelay() => new("config-relay", static path =>
    {
        RelayConfigFile.Load(path, [], DateTimeOffset.UnixEpoch, out IReadOnlyList<ConfigProblem> notes);
        return notes;
    });

    /// <summary><c>server.toml</c>.</summary>
    public static ConfigTarget OfServerProxy() => new("config-server", static path =>
    {
        ServerConfigFile.Load(Sources(path), [], null);
        return [];
    });

    /// <summary><c>client.toml</c>.</summary>
    public static ConfigTarget OfClientProxy() => new("config-client", static path =>
    {
        ClientConfigFile.Load(Sources(path), []);
        return [];
    });

    /// <inheritdoc/>
    public void Run(ReadOnlySpan<byte> input)
    {
        _file.SetLength(0);
        _file.Position = 0;
        _file.Write(input);
        IReadOnlyList<ConfigProblem> problems;
        try
        {
            problems = _load(_path);
        }
        catch (ConfigException refused)
        {
            problems = refused.Problems;
            if (problems.Count == 0) throw new Finding("it is refused without a reason");
        }

        CheckKeys(Encoding.Latin1.GetString(input), problems);
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static void CheckKeys(string text, IReadOnlyList<ConfigProblem> problems)
    {
        foreach (Match match in Key().Matches(text))
        {
            foreach (ConfigProblem problem in problems)
            {
                string message = problem.ToString();
                if (message.Contains(match.Value, StringComparison.Ordinal)) throw new Finding($"a message has a key in it: {message}");
            }
        }
    }

    private static ProxySources Sources(string path) => new() { ConfigPath = path, Variable = static _ => null };

    // What would open the relay if it were somebody's; the last of a key's characters has some spellings that are not used.
    [GeneratedRegex("ptth_[A-Za-z0-9_-]{43}")]
    private static partial Regex Key();
}
