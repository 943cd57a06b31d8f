using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Ptth.Load.Faults;

namespace Ptth.Tests.Support;

/// <summary>
/// Three hosts, each a network namespace: a relay, and a client and a server with a cable to it. Their file of names is their own. Cables can be
/// pulled, packets dropped, connections forgotten as a NAT does.
/// </summary>
internal sealed class NetworkHosts : IAsyncDisposable
{
    /// <summary>The relay's name on the other hosts.</summary>
    public const string RelayName = "relay.test";

    private static int _count;

    private readonly Dictionary<string, string> _namespaces = [];
    private readonly List<string> _files = [];

    private NetworkHosts()
    {
    }

    /// <summary>The relay's addresses: the first is the one that its name leads to.</summary>
    public static IPAddress[] RelayAddresses { get; } = [IPAddress.Parse("10.78.0.1"), IPAddress.Parse("10.78.0.2")];

    /// <summary>Makes them; where the system does not let this user, says why.</summary>
    public static async Task<(NetworkHosts? Hosts, string Why)> TryMakeAsync(CancellationToken token)
    {
        var hosts = new NetworkHosts();
        try
        {
            await hosts.MakeAsync(token);
            return (hosts, "");
        }
        catch (InvalidOperationException refused)
        {
            await hosts.DisposeAsync();
            return (null, refused.Message);
        }
    }

    /// <summary>The namespace of a host: <c>relay</c>, <c>client</c> or <c>server</c>.</summary>
    public string this[string host] => _namespaces[host];

    /// <summary>What starts a program on a host.</summary>
    public (string File, string[] Arguments) On(string host, string file, params string[] arguments) =>
        ("ip", ["netns", "exec", _namespaces[host], file, .. arguments]);

    /// <summary>A TCP connection from a host to itself, begun there.</summary>
    public async Task<Socket> ConnectAsync(string host, IPEndPoint to, CancellationToken token)
    {
        Socket socket = NetworkNamespace.Within(_namespaces[host], static () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });
        try
        {
            await socket.ConnectAsync(to, token);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Pulls a host's cable out at the relay's end, or plugs it in again.</summary>
    public Task PlugAsync(string host, bool isIn, CancellationToken token) =>
        RunAsync(["-n", _namespaces["relay"], "link", "set", host, isIn ? "up" : "down"], token);

    /// <summary>Drops all packets from and to a host, without a word.</summary>
    public Task SilenceAsync(string host, CancellationToken token) => DropAsync("silent", $"iifname \"{host}\"", $"oifname \"{host}\"", token);

    /// <summary>Drops all packets to and from an address of the relay's.</summary>
    public Task SilenceAsync(IPAddress relay, CancellationToken token) => DropAsync("silent", $"ip daddr {relay}", $"ip saddr {relay}", token);

    /// <summary>Ends <see cref="SilenceAsync(string, CancellationToken)"/>.</summary>
    public Task EndSilenceAsync(CancellationToken token) => NftAsync("delete table inet silent\n", token);

    /// <summary>From now on no packet gets through of a connection that the relay has now: as if a NAT had been started again.</summary>
    public async Task ForgetConnectionsAsync(IPEndPoint relay, CancellationToken token)
    {
        (string file, string[] arguments) = On("relay", "ss", "-Htn", "state", "established", "sport", "=", relay.Port.ToString(CultureInfo.InvariantCulture));
        CommandResult sockets = await Command.RunAsync(file, arguments, token);
        string[] ports = [.. sockets.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^1]).Select(static peer => peer[(peer.LastIndexOf(':') + 1)..]).Distinct()];
        if (ports.Length == 0) throw new InvalidOperationException($"the relay has no connections: {sockets}");
        string set = string.Join(',', ports);
        await DropAsync("forgotten", $"tcp dport {relay.Port} tcp sport {{{set}}}", $"tcp sport {relay.Port} tcp dport {{{set}}}", token);
    }

    /// <summary>What the relay's name leads to, from now on.</summary>
    public async Task NameRelayAsync(IPAddress address, CancellationToken token)
    {
        // In its place: the processes see the file itself.
        foreach (string file in _files) await File.WriteAllTextAsync(file, $"127.0.0.1 localhost\n{address} {RelayName}\n", token);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (string name in _namespaces.Values)
        {
            await Command.RunAsync("ip", ["netns", "delete", name], CancellationToken.None);
            if (Directory.Exists($"/etc/netns/{name}")) Directory.Delete($"/etc/netns/{name}", recursive: true);
        }
    }

    private async Task MakeAsync(CancellationToken token)
    {
        int number = Interlocked.Increment(ref _count);
        foreach (string host in new[] { "relay", "client", "server" })
        {
            string name = $"ptth-{Environment.ProcessId}-{number}-{host}";
            await RunAsync(["netns", "add", name], token);
            _namespaces.Add(host, name);
            await RunAsync(["-n", name, "link", "set", "lo", "up"], token);
            Directory.CreateDirectory($"/etc/netns/{name}");
            _files.Add($"/etc/netns/{name}/hosts");
        }

        foreach (IPAddress address in RelayAddresses) await RunAsync(["-n", _namespaces["relay"], "address", "add", $"{address}/32", "dev", "lo"], token);
        foreach ((int i, string host) in new[] { "client", "server" }.Index())
        {
            // At the relay each end bears the name of the host at the other.
            await RunAsync(["-n", _namespaces["relay"], "link", "add", host, "type", "veth", "peer", "name", "relay", "netns", _namespaces[host]], token);
            await RunAsync(["-n", _namespaces["relay"], "address", "add", $"10.77.{i}.1/24", "dev", host], token);
            await RunAsync(["-n", _namespaces[host], "address", "add", $"10.77.{i}.2/24", "dev", "relay"], token);
            await RunAsync(["-n", _namespaces["relay"], "link", "set", host, "up"], token);
            await RunAsync(["-n", _namespaces[host], "link", "set", "relay", "up"], token);
            await RunAsync(["-n", _namespaces[host], "route", "add", "default", "via", $"10.77.{i}.1"], token);
        }

        await NameRelayAsync(RelayAddresses[0], token);
    }

    private Task DropAsync(string table, string incoming, string outgoing, CancellationToken token) => NftAsync(
        $$"""
        table inet {{table}} {
            chain in {
                type filter hook input priority 0
                {{incoming}} drop
            }
            chain out {
                type filter hook output priority 0
                {{outgoing}} drop
            }
        }

        """,
        token);

    private Task NftAsync(string rules, CancellationToken token) => RunAsync(["netns", "exec", _namespaces["relay"], "nft", "-f", "-"], token, rules);

    private static async Task RunAsync(string[] arguments, CancellationToken token, string input = "")
    {
        CommandResult result = await Command.RunAsync("ip", arguments, token, input);
        if (result.ExitCode != 0) throw new InvalidOperationException($"ip {string.Join(' ', arguments)}: {result.Errors.Trim()}");
    }
}
