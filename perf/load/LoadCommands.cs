using System.CommandLine;
using System.Globalization;
using System.Net;

namespace Ptth.Load;

/// <summary>The commands that load a chain. Each prints one "figure, tab, value" line per figure and ends by itself.</summary>
internal static class LoadCommands
{
    private static readonly Option<IPEndPoint> To = new("--to")
    {
        Description = "Where the chain listens, ADDRESS:PORT",
        Required = true,
        CustomParser = static result => IPEndPoint.Parse(result.Tokens.Single().Value),
    };

    private static readonly Option<double> Seconds = new("--seconds")
    {
        Description = "The longest time to measure",
        DefaultValueFactory = static _ => 3,
    };

    private static readonly Option<string[]> Processes = new("--process")
    {
        Description = "A process of the chain, NAME=ID; its children count as its own",
        DefaultValueFactory = static _ => [],
    };

    /// <summary><c>serve</c>: what the chains lead to.</summary>
    public static Command Serve()
    {
        var listen = new Option<IPEndPoint>("--listen")
        {
            Description = "ADDRESS:PORT",
            Required = true,
            CustomParser = static result => IPEndPoint.Parse(result.Tokens.Single().Value),
        };
        var command = new Command("serve", "Run the service behind the chains: it echoes, or discards and counts what begins with D")
        {
            listen, Seconds,
        };
        command.SetAction(parsed => Service.Run(parsed.GetValue(listen)!, Time(parsed)));
        return command;
    }

    /// <summary><c>stream</c>: throughput and its CPU time.</summary>
    public static Command Stream()
    {
        var streams = new Option<int>("--streams") { Description = "How many at once", DefaultValueFactory = static _ => 1 };
        var command = new Command("stream", "Send as much as goes: Gbit/s, CPU seconds per GB") { To, Seconds, Processes, streams };
        command.SetAction(parsed => StreamLoad.Run(parsed.GetValue(To)!, parsed.GetValue(streams), Time(parsed), Groups(parsed)));
        return command;
    }

    /// <summary><c>latency</c>: round trips.</summary>
    public static Command Latency()
    {
        var name = new Option<string>("--name") { Description = "What the figures are called", DefaultValueFactory = static _ => "rtt" };
        var command = new Command("latency", "Send 64 bytes there and back, one at a time: p50 and p99") { To, Seconds, name };
        command.SetAction(parsed => LatencyLoad.Run(parsed.GetValue(To)!, Time(parsed), parsed.GetValue(name)!));
        return command;
    }

    /// <summary><c>shorts</c>: short tunnels.</summary>
    public static Command Shorts()
    {
        var concurrency = new Option<int>("--concurrency") { Description = "How many at once", DefaultValueFactory = static _ => 8 };
        var command = new Command("shorts", "Connect, echo 64 bytes, close, over and over: tunnels per second, p99, errors")
        {
            To, Seconds, concurrency,
        };
        command.SetAction(parsed => ShortsLoad.Run(parsed.GetValue(To)!, parsed.GetValue(concurrency), Time(parsed)));
        return command;
    }

    /// <summary><c>idle</c>: memory.</summary>
    public static Command Idle()
    {
        var count = new Option<int>("--count") { Description = "How many tunnels", DefaultValueFactory = static _ => 2000 };
        var command = new Command("idle", "Open tunnels and let them idle: resident KB before, and per tunnel")
        {
            To, Seconds, Processes, count,
        };
        command.SetAction(parsed => IdleLoad.Run(parsed.GetValue(To)!, parsed.GetValue(count), Time(parsed), Groups(parsed)));
        return command;
    }

    /// <summary><c>honest</c>: streams whose every byte is checked.</summary>
    public static Command Honest()
    {
        var tunnels = new Option<int>("--tunnels") { Description = "How many at once", DefaultValueFactory = static _ => 50 };
        var command = new Command("honest", "Send as much as goes, hashed at both ends: Gbit/s, errors") { To, Seconds, tunnels };
        command.SetAction(parsed => HonestLoad.Run(parsed.GetValue(To)!, parsed.GetValue(tunnels), Time(parsed)));
        return command;
    }

    /// <summary><c>hostile</c>: connections that want to hold a relay's places.</summary>
    public static Command Hostile()
    {
        var count = new Option<int>("--count") { Description = "How many at once", DefaultValueFactory = static _ => 5000 };
        var many = new Option<bool>("--many-addresses") { Description = "Each from an address of its own in 127.1.0.0/16, rather than all from one" };
        var command = new Command("hostile", "Hold hostile connections against a relay, and see how long it takes to get rid of them")
        {
            To, Seconds, count, many,
        };
        command.SetAction(parsed => HostileLoad.Run(parsed.GetValue(To)!, parsed.GetValue(count), parsed.GetValue(many), Time(parsed)));
        return command;
    }

    /// <summary>Prints a figure.</summary>
    public static void Print(string figure, double value) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{figure}\t{value:0.####}"));

    private static TimeSpan Time(ParseResult parsed) => TimeSpan.FromSeconds(parsed.GetValue(Seconds));

    private static ProcessGroups Groups(ParseResult parsed) => ProcessGroups.Parse(parsed.GetValue(Processes)!);
}
