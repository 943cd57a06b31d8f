using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Text;
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
        RelayConfig config = RelayConfigFile.Load(path, listen, TimeProvider.System.GetUtcNow(), out IReadOnlyList<ConfigProblem> notes);
        foreach (ConfigProblem note in notes) program.Error.WriteLine($"note: {note}");
        TextWriter output = program.Output;
        output.WriteLine($"{path} is valid");
        foreach (IPEndPoint address in config.Listen) output.WriteLine($"listen on {address}, requests below {config.BasePath}/");
        foreach (ServerEntry server in config.Servers) output.WriteLine($"server {server.Name}{Conditions(server)}");
        foreach (ClientEntry client in config.Clients)
            output.WriteLine($"client {client.Name} may reach {(client.Allow.Count == 0 ? "nothing" : string.Join(", ", client.Allow))}{Conditions(client)}");
        return ExitCodes.Ok;
    }

    /// <summary>How long a party's keys are good, and where its requests may come from; nothing where there is no condition.</summary>
    private static string Conditions(PartyEntry party)
    {
        var text = new StringBuilder();
        foreach ((string name, PartyKey key) in party.Keys)
        {
            string which = name == "key" ? "its key" : "its old key";
            if (key.Expires is { } end) text.Append(CultureInfo.InvariantCulture, $"; {which} is good until {end:yyyy-MM-dd'T'HH:mm:ss'Z'}");
            else if (party.OldKey is not null) text.Append(CultureInfo.InvariantCulture, $"; {which} does not expire");
        }

        if (party.AllowFrom.Count > 0) text.Append("; from ").AppendJoin(", ", party.AllowFrom);
        return text.ToString();
    }
}
