using System.CommandLine;
using System.Net;
using Ptth.Common.Cli;
using Ptth.Common.Toml;
using Ptth.Relay.Configuration;

namespace Ptth.Relay.Commands;

/// <summary><c>ptth-relay check</c>: what run would do, without doing it.</summary>
internal static class CheckCommand
{
    public static Command Create(ProgramContext program)
    {
        Option<string?> configPath = RelayOptions.Config();
        Option<IPEndPoint[]> listen = RelayOptions.Listen();
        var command = new Command("check", "Read and validate the configuration, and print what run would do") { configPath, listen };
        command.SetAction(parsed => Check(program, parsed.GetRequiredValue(configPath)!, parsed.GetValue(listen)!));
        return command;
    }

    private static int Check(ProgramContext program, string path, IReadOnlyList<IPEndPoint> listen)
    {
        RelayConfig config = RelayConfigFile.Load(path, listen, out IReadOnlyList<ConfigProblem> notes);
        foreach (ConfigProblem note in notes) program.Error.WriteLine($"note: {note}");
        TextWriter output = program.Output;
        output.WriteLine($"{path} is valid");
        foreach (IPEndPoint address in config.Listen) output.WriteLine($"listen on {address}, requests below {config.BasePath}/");
        foreach (ServerEntry server in config.Servers) output.WriteLine($"server {server.Name}");
        foreach (ClientEntry client in config.Clients)
            output.WriteLine($"client {client.Name} may reach {(client.Allow.Count == 0 ? "nothing" : string.Join(", ", client.Allow))}");
        return ExitCodes.Ok;
    }
}
