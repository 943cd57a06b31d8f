namespace Ptth.Common.Cli;

/// <summary>What a program is given from outside, so that it can run inside another process as well.</summary>
/// <param name="Name">The program's name, as the user calls it.</param>
/// <param name="Input">Standard input.</param>
/// <param name="Output">Standard output: only what was asked for.</param>
/// <param name="Error">Standard error: what is wrong with the call or the configuration.</param>
/// <param name="Variable">An environment variable's value; null where it is not set.</param>
public sealed record ProgramContext(string Name, TextReader Input, TextWriter Output, TextWriter Error, Func<string, string?> Variable)
{
    /// <summary>This process.</summary>
    public static ProgramContext OfProcess(string name) =>
        new(name, Console.In, Console.Out, Console.Error, Environment.GetEnvironmentVariable);
}
