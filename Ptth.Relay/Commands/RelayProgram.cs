using System.CommandLine;
using Ptth.Common.Cli;

namespace Ptth.Relay.Commands;

/// <summary>The program <c>ptth-relay</c>: its commands.</summary>
internal static class RelayProgram
{
    /// <summary>Runs the program with its arguments; the exit code.</summary>
    public static Task<int> RunAsync(ProgramContext program, IReadOnlyList<string> arguments) =>
        CommandLine.RunAsync(CreateRoot(program), program, arguments);

    /// <summary>All commands with their options.</summary>
    internal static Command CreateRoot(ProgramContext program)
    {
        Command root = CommandLine.CreateRoot(program, "Relay for TCP port forwarding over HTTP, with or without TLS", typeof(RelayProgram).Assembly);
        root.Subcommands.Add(RunCommand.Create());
        root.Subcommands.Add(CheckCommand.Create(program));
        root.Subcommands.Add(StatusCommand.Create(program));
        root.Subcommands.Add(KeyCommands.CreateKeygen(program));
        root.Subcommands.Add(KeyCommands.CreateHash(program));
        return root;
    }
}
