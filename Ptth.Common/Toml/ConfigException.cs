namespace Ptth.Common.Toml;

/// <summary>The configuration cannot be used. Carries all that is wrong with it, in the order of the lines.</summary>
public sealed class ConfigException : Exception
{
    /// <summary>Several problems.</summary>
    public ConfigException(IReadOnlyList<ConfigProblem> problems) : base(string.Join('\n', problems)) => Problems = problems;

    /// <summary>One problem.</summary>
    public ConfigException(ConfigProblem problem) : this([problem])
    {
    }

    /// <summary>What is wrong, at least one.</summary>
    public IReadOnlyList<ConfigProblem> Problems { get; }
}
