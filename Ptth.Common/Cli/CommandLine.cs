using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using System.Reflection;
using Ptth.Common.Protocol;
using Ptth.Common.Toml;

namespace Ptth.Common.Cli;

/// <summary>A program's command line: help and version, errors on standard error, and the exit codes.</summary>
public static class CommandLine
{
    // A value that begins with "@" is a value, not a file of further arguments. Bundling takes "-L2222=home/ssh" apart, as ssh does.
    private static readonly ParserConfiguration Parsing = new() { ResponseFileTokenReplacer = null, EnablePosixBundling = true };

    /// <summary>The root of a program's commands, with what all programs have.</summary>
    public static Command CreateRoot(ProgramContext program, string description, Assembly assembly)
    {
        var root = new Command(program.Name, description);
        root.Options.Add(new HelpOption("--help", "-h"));
        root.Options.Add(new Option<bool>("--version")
        {
            Description = "Print the version",
            Recursive = true,
            Arity = ArgumentArity.Zero,
            Action = new VersionAction($"{program.Name} {VersionOf(assembly)}"),
        });
        LogOptions.AddTo(root);
        return root;
    }

    /// <summary>Parses and runs; the exit code.</summary>
    public static async Task<int> RunAsync(Command root, ProgramContext program, IReadOnlyList<string> arguments)
    {
        ParseResult parsed = root.Parse(arguments, Parsing);
        if (parsed.Errors.Count > 0) return Usage(parsed, program);
        try
        {
            // Signals and exceptions are the program's own: the library would end it with a stack trace, or in the midst of its drain.
            var invocation = new InvocationConfiguration
            {
                Output = program.Output,
                Error = program.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            };
            return await parsed.InvokeAsync(invocation).ConfigureAwait(false);
        }
        catch (UsageException e)
        {
            return Usage(parsed, program, e.Message);
        }
        catch (ConfigException e)
        {
            foreach (ConfigProblem problem in e.Problems) program.Error.WriteLine(problem);
            return ExitCodes.Config;
        }
#pragma warning disable CA1031 // The program's last line of defence: whatever it is, the user is told in one line.
        catch (Exception e)
        {
            string text = LogOptions.IsDebug(parsed) ? e.ToString() : $"{e.GetType().Name}: {e.Message} (--log-level debug shows where)";
            program.Error.WriteLine($"{program.Name}: failed: {text}");
            return ExitCodes.Failed;
        }
#pragma warning restore CA1031
    }

    private static int Usage(ParseResult parsed, ProgramContext program) =>
        Usage(parsed, program, [.. parsed.Errors.Select(error => error.Message).Distinct()]);

    private static int Usage(ParseResult parsed, ProgramContext program, params IReadOnlyList<string> errors)
    {
        foreach (string error in errors) program.Error.WriteLine($"{program.Name}: {PtthKey.LeaveOut(WithoutLogins(error, parsed))}");
        program.Error.WriteLine($"Try '{NameOf(parsed.CommandResult)} --help'.");
        return ExitCodes.Usage;
    }

    /// <summary>A text that repeats what stood in the command line, but for what may be the user and password of a URL there: whatever an @ follows.</summary>
    private static string WithoutLogins(string text, ParseResult parsed)
    {
        IEnumerable<string> arguments = parsed.Tokens.Select(static token => token.Value).Concat(parsed.UnmatchedTokens);
        // One may be a part of another.
        foreach (string argument in arguments.Where(static one => one.LastIndexOf('@') > 0).OrderByDescending(static one => one.Length))
            text = text.Replace(argument, WithoutLogin(argument), StringComparison.Ordinal);
        return text;
    }

    private static string WithoutLogin(string argument)
    {
        int at = argument.LastIndexOf('@');
        int option = argument.StartsWith('-') ? argument.IndexOf('=', 0, at) + 1 : 0;
        int scheme = argument.IndexOf("://", option, at - option, StringComparison.Ordinal);
        return $"{argument[..(scheme < 0 ? option : scheme + "://".Length)]}…{argument[at..]}";
    }

    private static string NameOf(CommandResult result) =>
        result.Parent is CommandResult parent ? NameOf(parent) + " " + result.Command.Name : result.Command.Name;

    /// <summary>The version of a program, as <c>--version</c> prints it.</summary>
    public static string VersionOf(Assembly assembly) =>
        assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}
