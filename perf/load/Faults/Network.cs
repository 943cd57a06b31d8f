using System.Diagnostics;

namespace Ptth.Load.Faults;

/// <summary>The cables between the hosts, each host a network namespace, and what can be done to them.</summary>
/// <param name="relay">The relay's namespace, in which a cable's end bears the other host's name.</param>
internal sealed class Network(string relay)
{
    private const string Table = "inet faults";

    /// <summary>Pulls a host's cable out at the relay's end.</summary>
    public void Pull(string host) => Ip("link", "set", host, "down");

    /// <summary>Plugs it in again.</summary>
    public void Plug(string host) => Ip("link", "set", host, "up");

    /// <summary>Drops all packets from and to a host, at the relay and without a word.</summary>
    public void Silence(string host) => Drop($"iifname \"{host}\"", $"oifname \"{host}\"");

    /// <summary>Drops some of all packets, at the relay, at random.</summary>
    /// <param name="percent">How many of a hundred; at most 99.</param>
    public void Lose(int percent) => Drop($"numgen random mod 100 < {percent}", $"numgen random mod 100 < {percent}");

    /// <summary>Drops no more.</summary>
    public void DropNothing() => Nft($"table {Table}\ndelete table {Table}\n");

    /// <summary>Delays what is sent to a host, where the kernel can (sch_netem); false where it cannot.</summary>
    public bool TryDelay(string host, TimeSpan delay) =>
        Run("ip", ["netns", "exec", relay, "tc", "qdisc", "add", "dev", host, "root", "netem", "delay", $"{delay.TotalMilliseconds}ms"], "") == 0;

    /// <summary>Delays no more.</summary>
    public void DelayNothing(string host) => Must("ip", ["netns", "exec", relay, "tc", "qdisc", "del", "dev", host, "root"], "");

    private void Drop(string incoming, string outgoing) => Nft($$"""
        table {{Table}} {
            chain in {
                type filter hook input priority 0
                {{incoming}} drop
            }
            chain out {
                type filter hook output priority 0
                {{outgoing}} drop
            }
        }

        """);

    private void Ip(params string[] arguments) => Must("ip", ["-n", relay, .. arguments], "");

    private void Nft(string rules) => Must("ip", ["netns", "exec", relay, "nft", "-f", "-"], rules);

    private static void Must(string program, string[] arguments, string input)
    {
        int code = Run(program, arguments, input);
        if (code != 0) throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {code}");
    }

    private static int Run(string program, string[] arguments, string input)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true })!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        process.WaitForExit();
        return process.ExitCode;
    }
}
