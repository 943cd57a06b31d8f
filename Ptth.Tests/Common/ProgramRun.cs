using NUnit.Framework;
using Ptth.Common.Cli;

namespace Ptth.Tests.Common;

/// <summary>Runs a program's command line inside this process.</summary>
internal sealed record ProgramRun(int ExitCode, string Output, string Error)
{
    public static async Task<ProgramRun> Of(
        string name, Func<ProgramContext, IReadOnlyList<string>, Task<int>> program, string[] arguments, string input = "", string? key = null)
    {
        using StringWriter output = new() { NewLine = "\n" }, error = new() { NewLine = "\n" };
        using StringReader reader = new(input);
        var context = new ProgramContext(name, reader, output, error, variable => variable is "PTTH_KEY" or "PTTH_ADMIN_KEY" ? key : null);
        int exitCode = await program(context, arguments);
        return new ProgramRun(exitCode, output.ToString(), error.ToString());
    }

    /// <summary>Asserts wrong usage: exit code 2, nothing on standard output, the error and the hint on standard error.</summary>
    public void AssertUsage(string command, params string[] errors)
    {
        Assert.That(Error, Is.EqualTo(string.Concat(errors.Select(error => $"{command.Split(' ')[0]}: {error}\n")) + $"Try '{command} --help'.\n"));
        Assert.That(Output, Is.Empty);
        Assert.That(ExitCode, Is.EqualTo(2));
    }

    /// <summary>Asserts a bad configuration: exit code 78, and its problems one a line on standard error.</summary>
    public void AssertConfig(params string[] problems)
    {
        Assert.That(Error, Is.EqualTo(string.Concat(problems.Select(problem => problem + "\n"))));
        Assert.That(Output, Is.Empty);
        Assert.That(ExitCode, Is.EqualTo(78));
    }
}
