using System.CommandLine;
using Ptth.Common.Cli;

namespace Ptth.Proxy.Commands;

/// <summary>The program <c>ptth-proxy</c>: its commands.</summary>
internal static class ProxyProgram
{
    /// <summary>Runs the program with its arguments; the exit code.</summary>
    public static Task<int> RunAsync(ProgramContext program, IReadOnlyList<string> arguments) =>
        CommandLine.RunAsync(CreateRoot(program), program, arguments);

    /// <summary>All commands with their options.</summary>
    internal static Command CreateRoot(ProgramContext program)
    {
        Command root = CommandLine.CreateRoot(program, "Proxies for TCP port forwarding over HTTP, with or without TLS", typeof(ProxyProgram).Assembly);
        root.Subcommands.Add(ServerCommand.Create(program));
        root.Subcommands.Add(ClientCommand.Create(program));
        root.Subcommands.Add(DoctorCommand.Create(program));
        return root;
    }
}
