using System.CommandLine;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using Ptth.Common.Cli;
using Ptth.Common.Hosting;
using Ptth.Common.Net;
using Ptth.Common.Protocol;
using Ptth.Common.Toml;
using Ptth.Relay.Admin.Client;
using Ptth.Relay.Admin.Status;
using Ptth.Relay.Configuration;

namespace Ptth.Relay.Commands;

/// <summary><c>ptth-relay status</c>: what a running relay's admin listener tells, as text or as JSON, once or each second.</summary>
internal static class StatusCommand
{
    private const string DefaultAddress = "127.0.0.1:8081";
    private const string KeyVariable = "PTTH_ADMIN_KEY";

    public static Command Create(ProgramContext program)
    {
        var admin = new Option<HostPort?>("--admin")
        {
            Description = $"The relay's admin listener [default: {DefaultAddress}]",
            HelpName = "ADDRESS:PORT",
            Arity = ArgumentArity.ExactlyOne,
            CustomParser = result =>
            {
                if (HostPort.TryParse(result.Tokens[0].Value, out HostPort? address)) return address;
                result.AddError($"--admin {result.Tokens[0].Value}: {HostPort.Expected}");
                return null;
            },
        };
        Option<string?> config = Options.Path("--config", "Take the admin listener's address from this configuration");
        Option<string?> keyFile = Options.Path("--key-file", $"The file that holds the admin listener's key, where it has one; else ${KeyVariable}");
        Option<bool> watch = Flag("--watch", "Show it again each second, until Ctrl-C: on a terminal in place, otherwise a line each");
        Option<bool> json = Flag("--json", "Print it as the relay sends it");
        var command = new Command("status", "Print the state of a running relay: its servers, tunnels and rates") { admin, config, keyFile, watch, json };
        command.SetAction((parsed, _) => RunAsync(program, AddressOf(parsed.GetValue(admin), parsed.GetValue(config)),
            KeyOf(parsed.GetValue(keyFile), program), parsed.GetValue(watch), parsed.GetValue(json)));
        return command;
    }

    private static async Task<int> RunAsync(ProgramContext program, HostPort address, PtthKey? key, bool watch, bool json)
    {
        using var ending = new CancellationTokenSource();
        void End(PosixSignalContext context)
        {
            context.Cancel = true;
            ending.Cancel();
        }

        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        using var client = new AdminClient(address, key, TimeProvider.System);
        Terminal? terminal = Terminal.OfOutput(program.Variable);
        try
        {
            if (watch) await new StatusWatch(client, json, terminal, program.Output, program.Error, TimeProvider.System).RunAsync(ending.Token);
            else Print(await client.ReadAsync(ending.Token), json, terminal, program.Output);
            return ExitCodes.Ok;
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            return ExitCodes.Ok;
        }
        catch (AdminException failure)
        {
            program.Error.WriteLine($"{program.Name}: {failure.Message}");
            return ExitCodes.Failed;
        }
    }

    private static void Print((byte[] Json, StatusDocument Status) status, bool json, Terminal? terminal, TextWriter output)
    {
        if (json)
        {
            output.WriteLine(Encoding.UTF8.GetString(status.Json));
            return;
        }

        foreach (string line in StatusText.Compose(status.Status, terminal?.Columns ?? Terminal.DefaultColumns)) output.WriteLine(line);
    }

    /// <summary>Where to ask: the option, else the configuration, else the usual address.</summary>
    /// <exception cref="UsageException">The configuration has no admin listener.</exception>
    private static HostPort AddressOf(HostPort? given, string? configPath)
    {
        string text = DefaultAddress;
        if (given is not null) return given;
        if (configPath is not null)
        {
            RelayConfig config = RelayConfigFile.Load(configPath, [], TimeProvider.System.GetUtcNow(), out _);
            if (config.Admin is not { } admin) throw new UsageException($"{configPath}: the relay has no admin listener: set admin = \"{DefaultAddress}\" there and restart the relay");
            text = Reachable(admin.Listen).ToString();
        }

        return HostPort.TryParse(text, out HostPort? address) ? address : throw new UsageException($"admin {text}: {HostPort.Expected}");
    }

    /// <summary>An address that stands for all of this machine's can be called by the loopback one.</summary>
    private static IPEndPoint Reachable(IPEndPoint listen) =>
        listen.Address.Equals(IPAddress.Any) ? new IPEndPoint(IPAddress.Loopback, listen.Port)
        : listen.Address.Equals(IPAddress.IPv6Any) ? new IPEndPoint(IPAddress.IPv6Loopback, listen.Port)
        : listen;

    private static PtthKey? KeyOf(string? file, ProgramContext program)
    {
        if (file is not null) return KeyFile.Read(file, out string problem) ?? throw new ConfigException([new ConfigProblem(file, 0, "", problem)]);
        if (program.Variable(KeyVariable) is not { Length: > 0 } text) return null;
        return PtthKey.TryParse(text, out PtthKey? key) ? key : throw new ConfigException([new ConfigProblem(KeyVariable, 0, "", PtthKey.Expected)]);
    }

    private static Option<bool> Flag(string name, string description) => new(name) { Description = description, Arity = ArgumentArity.Zero };
}
