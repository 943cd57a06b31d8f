using Ptth.Common.Toml;

namespace Ptth.Relay.Configuration;

/// <summary>Where the audit log goes, and where the configuration says so.</summary>
/// <param name="Path">The file.</param>
/// <param name="ConfigPath">The configuration as the user named it.</param>
/// <param name="Line">The line in it.</param>
internal sealed record AuditFile(string Path, string ConfigPath, int Line)
{
    /// <summary>What the configuration calls it.</summary>
    public const string Key = "audit_log";

    /// <summary>The problem of a file that cannot be used.</summary>
    public ConfigException Refuse(string problem) => new(new ConfigProblem(ConfigPath, Line, Key, $"{Path} {problem}"));
}
