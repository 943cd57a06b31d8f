using System.CommandLine;
using System.Net;
using System.Runtime.InteropServices;
using Ptth.Load.Faults;

namespace Ptth.Load.Soak;

/// <summary>The commands that run the product's processes themselves and break them. Each ends with 0 or 1.</summary>
internal static class SoakCommands
{
    private static readonly Option<string> Executables = new("--executables")
    {
        Description = "The folder of ptth-relay and ptth-proxy",
        Required = true,
    };

    private static readonly Option<string> Logs = new("--logs") { Description = "A folder for the parties' logs", Required = true };

    private static readonly Option<FileInfo?> Out = new("--out") { Description = "A file for the report, beside standard output" };

    private static readonly Option<FileInfo?> About = new("--about") { Description = "A file with lines about the machine" };

    private static readonly Option<PartySpec[]> Parties = new("--party")
    {
        Description = "A process, NAME=KIND:CONFIGURATION, the kind relay, server or client; the relay first",
        Required = true,
        CustomParser = static result => [.. result.Tokens.Select(static token => PartySpec.Parse(token.Value))],
    };

    /// <summary><c>soak</c>: random tunnels for long.</summary>
    public static Command Soak()
    {
        var minutes = new Option<double>("--minutes") { Description = "How long tunnels are opened", Required = true };
        var seed = new Option<int>("--seed") { Description = "What the tunnels are drawn from", Required = true };
        var service = EndPoint("--service", "Where the service listens");
        var relay = new Option<IPEndPoint[]>("--relay-port")
        {
            Description = "A port of the relay, for garbage",
            Required = true,
            CustomParser = static result => [.. result.Tokens.Select(static token => IPEndPoint.Parse(token.Value))],
        };
        var chains = new Option<Chain[]>("--chain")
        {
            Description = "A way through the processes, NAME=ADDRESS:PORT,SERVER,CLIENT",
            Required = true,
            CustomParser = static result => [.. result.Tokens.Select(static token => Chain.Parse(token.Value))],
        };
        var command = new Command("soak", "Open random tunnels, kill parties, compare every byte and what is held at rest")
        {
            minutes, seed, service, relay, chains, Parties, Executables, Logs, Out, About,
        };
        command.SetAction(async (parsed, token) =>
        {
            SoakRun run = await SoakRun.RunAsync(
                new SoakOptions
                {
                    Time = TimeSpan.FromMinutes(parsed.GetValue(minutes)),
                    Seed = parsed.GetValue(seed),
                    Executables = parsed.GetValue(Executables)!,
                    Logs = parsed.GetValue(Logs)!,
                    Service = parsed.GetValue(service)!,
                    RelayPorts = parsed.GetValue(relay)!,
                    Parties = parsed.GetValue(Parties)!,
                    Chains = parsed.GetValue(chains)!,
                },
                token);
            string[] about =
            [
                .. ReadAbout(parsed),
                $"seed: {parsed.GetValue(seed)}; {parsed.GetValue(minutes)} minutes of tunnels, {run.Taken.TotalMinutes:0.0} minutes in all",
                $"longest time from a party's return to the first tunnel that worked: {run.Chaos.LongestReturn.TotalSeconds:0.00} s",
            ];
            return Finish(parsed, SoakReport.Write("Soak", about, run.Tally, run.Watch.Rows), run.Tally);
        });
        return command;
    }

    /// <summary><c>faults</c>: what is done to cables.</summary>
    public static Command Faults()
    {
        var service = EndPoint("--service", "Where the service listens, on the server's host");
        var forward = EndPoint("--forward", "The forwarded port, on the client's host");
        var only = new Option<string>("--only") { Description = "Run those whose name has this in it", DefaultValueFactory = static _ => "" };
        var command = new Command("faults", "Pull cables between network namespaces, drop packets, and see what becomes of tunnels")
        {
            service, forward, only, Parties, Executables, Logs, Out, About,
        };
        command.SetAction(async (parsed, token) =>
        {
            FaultRun run = await FaultRun.RunAsync(
                new FaultOptions
                {
                    Only = parsed.GetValue(only)!,
                    Executables = parsed.GetValue(Executables)!,
                    Logs = parsed.GetValue(Logs)!,
                    Service = parsed.GetValue(service)!,
                    Forward = parsed.GetValue(forward)!,
                    Parties = parsed.GetValue(Parties)!,
                },
                token);
            return Finish(parsed, SoakReport.Write("Faults", [.. ReadAbout(parsed), .. run.Notes], run.Tally, run.Watch.Rows), run.Tally);
        });
        return command;
    }

    private static Option<IPEndPoint> EndPoint(string name, string description) => new(name)
    {
        Description = description,
        Required = true,
        CustomParser = static result => IPEndPoint.Parse(result.Tokens.Single().Value),
    };

    private static string[] ReadAbout(ParseResult parsed) =>
        parsed.GetValue(About) is { } file ? File.ReadAllLines(file.FullName) : [RuntimeInformation.OSDescription];

    private static int Finish(ParseResult parsed, string report, Tally tally)
    {
        Console.Write(report);
        if (parsed.GetValue(Out) is { } file) File.WriteAllText(file.FullName, report);
        return tally.Failed == 0 ? 0 : 1;
    }
}
