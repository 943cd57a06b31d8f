using System.Net;
using NUnit.Framework;
using Ptth.Common.Protocol;
using Ptth.Common.Toml;
using Ptth.Relay.Configuration;
using Ptth.Tests.Common;

namespace Ptth.Tests.Configuration;

internal sealed class RelayConfigTests
{
    private const string Hash1 = "sha256:1111111111111111111111111111111111111111111111111111111111111111";
    private const string Hash2 = "sha256:2222222222222222222222222222222222222222222222222222222222222222";
    private const string Hash3 = "sha256:3333333333333333333333333333333333333333333333333333333333333333";

    private const string ExpectedHash = "must be \"sha256:\" and 64 hex digits, as `ptth-relay keygen` prints it";
    private const string ExpectedName = "must be a name: 1 to 64 letters, digits, \".\", \"_\" or \"-\", the first a letter or a digit";

    private static readonly DateTimeOffset Now = new(2027, 1, 31, 12, 0, 0, TimeSpan.Zero);

    private TempDirectory _directory = null!;

    [SetUp]
    public void SetUp() => _directory = new TempDirectory();

    [TearDown]
    public void TearDown() => _directory.Dispose();

    private RelayConfig Load(string text, out string[] notes, params IPEndPoint[] listen)
    {
        string path = _directory.Write("relay.toml", text);
        RelayConfig config = RelayConfigFile.Load(path, listen, Now, out IReadOnlyList<ConfigProblem> found);
        notes = [.. found.Select(Relative)];
        return config;
    }

    private void AssertProblems(string text, params string[] expected)
    {
        ConfigException exception = Assert.Throws<ConfigException>(() => Load(text, out _))!;
        Assert.That(exception.Problems.Select(Relative), Is.EqualTo(expected));
    }

    private string Relative(ConfigProblem problem) => problem.ToString().Replace(_directory.Path + Path.DirectorySeparatorChar, "", StringComparison.Ordinal);

    [Test]
    public void Trusted_proxies()
    {
        Assert.That(Load("", out _).TrustedProxies, Is.Empty);
        Assert.That(Load("trusted_proxies = ['127.0.0.1', 'fd00::/8']", out _).TrustedProxies,
            Is.EqualTo(new[] { IPNetwork.Parse("127.0.0.1/32"), IPNetwork.Parse("fd00::/8") }));
        AssertProblems("trusted_proxies = []", "relay.toml:1: trusted_proxies: is empty: list the reverse proxies' addresses, or leave it out for none");
        AssertProblems("trusted_proxies = ['::/0']", "relay.toml:1: trusted_proxies: must not have ::/0, which is everybody: list the reverse proxies' addresses");
        AssertProblems("trusted_proxies = ['home.example']",
            "relay.toml:1: trusted_proxies: \"home.example\" must be an IP address or a network whose host bits are zero, such as \"192.0.2.7\", \"10.0.0.0/8\" or \"2001:db8::/32\"");
    }

    [Test]
    public void A_whole_file()
    {
        RelayConfig config = Load($$"""
            listen = ["127.0.0.1:8080", "[::1]:8081"]
            base_path = "/ptth/v1/"

            [limits]
            max_connections = 10
            max_tunnels = 2
            max_tunnels_per_client = 3
            max_waiting_listens_per_server = 4
            max_waiting_connects_per_client = 5
            max_connections_per_address = 6
            max_unauthenticated_connections = 7
            max_unauthenticated_per_address = 8
            max_head_bytes = 2000
            max_head_fields = 10
            max_tunnels_per_server = 11
            failed_authentications_per_address = 12
            bytes_per_second_per_client = 1024
            bytes_per_second_per_tunnel = 2000000000

            [timeouts]
            accept = 11
            attach = 12
            half_closed_idle = 13
            idle = 0
            keep_alive = 15
            head = 16
            send = 17
            listen_wait = 18
            connect_wait = 0

            [[server]]
            name = "home"
            key_hash = "{{Hash1}}"

            [[server]]
            name = "office"
            key_hash = "{{Hash2}}"

            [[client]]
            name = "home"
            key_hash = "{{Hash3}}"
            allow = ["home/ssh", "office/*"]
            bytes_per_second = 0
            """, out string[] notes);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(config.Clients.Single().BytesPerSecond, Is.Zero);
            Assert.That(config.Listen, Is.EqualTo(new IPEndPoint[] { new(IPAddress.Loopback, 8080), new(IPAddress.IPv6Loopback, 8081) }));
            Assert.That(config.BasePath, Is.EqualTo("/ptth/v1"));
            Assert.That(config.Limits, Is.EqualTo(new RelayLimits
            {
                MaxConnections = 10,
                MaxTunnels = 2,
                MaxTunnelsPerClient = 3,
                MaxWaitingListensPerServer = 4,
                MaxWaitingConnectsPerClient = 5,
                MaxConnectionsPerAddress = 6,
                MaxUnauthenticatedConnections = 7,
                MaxUnauthenticatedPerAddress = 8,
                MaxHeadBytes = 2000,
                MaxHeadFields = 10,
                MaxTunnelsPerServer = 11,
                FailedAuthenticationsPerAddress = 12,
                BytesPerSecondPerClient = 1024,
                BytesPerSecondPerTunnel = 2_000_000_000,
            }));
            Assert.That(config.Timeouts, Is.EqualTo(new RelayTimeouts
            {
                Accept = TimeSpan.FromSeconds(11),
                Attach = TimeSpan.FromSeconds(12),
                HalfClosedIdle = TimeSpan.FromSeconds(13),
                Idle = Timeout.InfiniteTimeSpan,
                KeepAlive = TimeSpan.FromSeconds(15),
                Head = TimeSpan.FromSeconds(16),
                Send = TimeSpan.FromSeconds(17),
                ListenWait = TimeSpan.FromSeconds(18),
                ConnectWait = TimeSpan.Zero,
            }));
            Assert.That(config.Servers, Is.EqualTo(new ServerEntry[] { new("home", new PartyKey(HashOf(Hash1))), new("office", new PartyKey(HashOf(Hash2))) }));
            Assert.That(config.Clients.Single().Name, Is.EqualTo("home"));
            Assert.That(config.Clients.Single().Key, Is.EqualTo(new PartyKey(HashOf(Hash3))));
            Assert.That(config.Clients.Single().Allow.Select(pattern => pattern.ToString()), Is.EqualTo(new[] { "home/ssh", "office/*" }));
            Assert.That(notes, Is.Empty);
        }
    }

    [Test]
    public void An_empty_file_is_the_defaults_with_notes()
    {
        RelayConfig config = Load("", out string[] notes);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(config.Listen, Is.EqualTo(new IPEndPoint[] { new(IPAddress.Any, 8080), new(IPAddress.IPv6Any, 8080) }));
            Assert.That(config.BasePath, Is.EqualTo("/v1"));
            Assert.That(config.Limits, Is.EqualTo(new RelayLimits
            {
                MaxConnections = 4096,
                MaxTunnels = 1000,
                MaxTunnelsPerClient = 500,
                MaxWaitingListensPerServer = 256,
                MaxWaitingConnectsPerClient = 256,
                MaxUnauthenticatedConnections = 1024,
                MaxUnauthenticatedPerAddress = 512,
                MaxHeadBytes = 16_384,
                MaxHeadFields = 64,
                FailedAuthenticationsPerAddress = 20,
            }));
            Assert.That((config.Limits.MaxConnectionsPerAddress, config.Limits.MaxTunnelsPerServer), Is.EqualTo((3072, 1000)));
            Assert.That(config.Timeouts, Is.EqualTo(new RelayTimeouts
            {
                Accept = TimeSpan.FromSeconds(10),
                Attach = TimeSpan.FromSeconds(10),
                HalfClosedIdle = TimeSpan.FromMinutes(5),
                Idle = TimeSpan.FromHours(24),
                KeepAlive = TimeSpan.FromSeconds(120),
                Head = TimeSpan.FromSeconds(10),
                Send = TimeSpan.FromSeconds(30),
                ListenWait = TimeSpan.FromSeconds(25),
                ConnectWait = TimeSpan.FromSeconds(10),
            }));
            Assert.That(notes, Is.EqualTo(new[]
            {
                "relay.toml: server: none is configured: nobody can offer a port",
                "relay.toml: client: none is configured: nobody can connect",
            }));
        }
    }

    [TestCase("max_connections = 20000", 15_000, 1_000)]
    [TestCase("max_connections = 1", 1, 1_000)]
    [TestCase("max_connections = 3", 3, 1_000)]
    [TestCase("max_tunnels = 5000", 3_072, 5_000)]
    public void Some_limits_follow_from_others_unless_they_are_set(string line, int perAddress, int perServer)
    {
        RelayLimits limits = Load($"[limits]\n{line}", out _).Limits;
        Assert.That((limits.MaxConnectionsPerAddress, limits.MaxTunnelsPerServer), Is.EqualTo((perAddress, perServer)));
    }

    [Test]
    public void The_command_lines_addresses_replace_the_files()
    {
        RelayConfig config = Load("listen = ['0.0.0.0:1']", out _, new IPEndPoint(IPAddress.Loopback, 2));
        Assert.That(config.Listen, Is.EqualTo(new IPEndPoint[] { new(IPAddress.Loopback, 2) }));
    }

    [Test]
    public void The_root_path_is_empty()
    {
        Assert.That(Load("base_path = '/'", out _).BasePath, Is.Empty);
    }

    [Test]
    public void Problems_are_found_all_at_once_in_the_order_of_the_lines()
    {
        AssertProblems($$"""
            listen = ["127.0.0.1:1", "localhost:8080",
                      "127.0.0.1:1"]
            base_path = "v1"
            [limits]
            max_tunnels = 0
            max_conections = 1
            [timeouts]
            accept = 3601
            listen_wait = 0
            [[server]]
            name = "home"
            key_hash = "sha256:11"
            [[server]]
            name = "home"
            key_hash = "{{Hash1}}"
            [[client]]
            name = "no name"
            key_hash = "{{Hash1}}"
            allow = ["home/ssh", "home",
                     "*"]
            [[client]]
            """,
            "relay.toml:1: listen: \"localhost:8080\" must be ADDRESS:PORT with an IP address, such as \"0.0.0.0:8080\" or \"[::]:8080\"",
            "relay.toml:2: listen: has 127.0.0.1:1 in line 1 already",
            "relay.toml:3: base_path: must be a path such as \"/v1\" or \"/ptth/v1\", of at most 256 letters, digits, \"-\", \".\", \"_\", \"~\" and single slashes",
            "relay.toml:5: limits.max_tunnels: must be a whole number from 1 to 250000",
            "relay.toml:6: limits.max_conections: unknown key; did you mean \"max_connections\"?",
            "relay.toml:8: timeouts.accept: must be a whole number of seconds from 1 to 3600, or 0 for no time-out",
            "relay.toml:9: timeouts.listen_wait: must be a whole number of seconds from 1 to 300",
            "relay.toml:12: server.key_hash: " + ExpectedHash,
            "relay.toml:14: server.name: \"home\" is used in line 11 already",
            "relay.toml:17: client.name: " + ExpectedName,
            "relay.toml:18: client.key_hash: is used in line 15 already: give each party a key of its own",
            "relay.toml:19: client.allow: \"home\" must be SERVER/PORT, each a name or \"*\", such as \"home/ssh\" or \"office/*\"",
            "relay.toml:20: client.allow: \"*\" must be SERVER/PORT, each a name or \"*\", such as \"home/ssh\" or \"office/*\"",
            "relay.toml:21: client.name: is missing; it " + ExpectedName,
            "relay.toml:21: client.key_hash: is missing; it " + ExpectedHash,
            "relay.toml:21: client.allow: is missing; it must list what the client may reach, such as [\"home/ssh\", \"office/*\"]");
    }

    [Test]
    public void An_empty_list_of_addresses_is_an_error()
    {
        AssertProblems("listen = []", "relay.toml:1: listen: must have at least one address");
    }

    [Test]
    public void A_key_in_place_of_its_hash_is_an_error_that_does_not_show_it()
    {
        AssertProblems("[[server]]\nname = 'home'\nkey_hash = 'ptth_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'",
            "relay.toml:3: server.key_hash: " + ExpectedHash);
        AssertProblems("[[server]]\nname = 'home'\nkey = 'ptth_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'",
            "relay.toml:1: server.key_hash: is missing; it " + ExpectedHash,
            "relay.toml:3: server.key: unknown key; known here are allow_from, expires, key_hash, name, old_key_expires, old_key_hash");
    }

    [Test]
    public void What_looks_like_a_mistake_is_noted()
    {
        Load($$"""
            [limits]
            max_connections = 3999
            [[server]]
            name = "home"
            key_hash = "{{Hash1}}"
            [[client]]
            key_hash = "{{Hash2}}"
            name = "laptop"
            allow = ["home/ssh", "ofice/ssh", "*/web"]
            [[client]]
            name = "phone"
            key_hash = "{{Hash3}}"
            allow = []
            """, out string[] notes);
        Assert.That(notes, Is.EqualTo(new[]
        {
            "relay.toml: limits.max_connections: 3999 are too few for max_tunnels = 1000: a tunnel takes four",
            "relay.toml:8: client.allow: \"laptop\" may reach \"ofice/ssh\", but no server \"ofice\" is configured",
            "relay.toml:11: client.allow: \"phone\" may reach nothing",
        }));
    }

    [TestCase("max_connections", 1, 1_000_000)]
    [TestCase("max_tunnels", 1, 250_000)]
    [TestCase("max_tunnels_per_client", 1, 250_000)]
    [TestCase("max_connections_per_address", 1, 1_000_000)]
    [TestCase("max_unauthenticated_connections", 1, 1_000_000)]
    [TestCase("max_unauthenticated_per_address", 1, 1_000_000)]
    [TestCase("max_head_bytes", 1024, 65_535)]
    [TestCase("max_head_fields", 8, 1024)]
    [TestCase("max_tunnels_per_server", 1, 250_000)]
    [TestCase("failed_authentications_per_address", 1, 1_000_000)]
    [TestCase("max_waiting_listens_per_server", 1, 65_536)]
    [TestCase("max_waiting_connects_per_client", 1, 65_536)]
    public void Limits_have_bounds(string key, int min, int max)
    {
        foreach (int valid in (int[])[min, max]) Assert.That(() => Load($"[limits]\n{key} = {valid}", out _), Throws.Nothing);
        foreach (int invalid in (int[])[min - 1, max + 1])
            AssertProblems($"[limits]\n{key} = {invalid}", $"relay.toml:2: limits.{key}: must be a whole number from {min} to {max}");
    }

    [TestCase("[limits]\nbytes_per_second_per_client", "limits.bytes_per_second_per_client")]
    [TestCase("[limits]\nbytes_per_second_per_tunnel", "limits.bytes_per_second_per_tunnel")]
    [TestCase($"[[client]]\nname='laptop'\nkey_hash='{Hash1}'\nallow=['*/*']\nbytes_per_second", "client.bytes_per_second")]
    public void Rates_are_off_or_have_bounds(string lines, string key)
    {
        int line = lines.Count(static c => c == '\n') + 1;
        foreach (int valid in (int[])[0, 1024, 2_000_000_000]) Assert.That(() => Load($"{lines} = {valid}", out _), Throws.Nothing);
        AssertProblems($"{lines} = 1023", $"relay.toml:{line}: {key}: must be at least 1024 bytes per second, or 0 for no limit");
        foreach (int invalid in (int[])[-1, 2_000_000_001])
            AssertProblems($"{lines} = {invalid}", $"relay.toml:{line}: {key}: must be a whole number from 0 to 2000000000");
    }

    [TestCase("accept", 3600)]
    [TestCase("attach", 3600)]
    [TestCase("half_closed_idle", 2_592_000)]
    [TestCase("idle", 2_592_000)]
    [TestCase("keep_alive", 3600)]
    [TestCase("head", 3600)]
    [TestCase("send", 3600)]
    public void Timeouts_have_bounds(string key, int max)
    {
        foreach (int valid in (int[])[0, 1, max]) Assert.That(() => Load($"[timeouts]\n{key} = {valid}", out _), Throws.Nothing);
        foreach (int invalid in (int[])[-1, max + 1])
            AssertProblems($"[timeouts]\n{key} = {invalid}",
                $"relay.toml:2: timeouts.{key}: must be a whole number of seconds from 1 to {max}, or 0 for no time-out");
    }

    [TestCase("listen_wait", 1, 300)]
    [TestCase("connect_wait", 0, 60)]
    public void Waits_have_bounds(string key, int min, int max)
    {
        foreach (int valid in (int[])[min, max]) Assert.That(() => Load($"[timeouts]\n{key} = {valid}", out _), Throws.Nothing);
        foreach (int invalid in (int[])[min - 1, max + 1])
            AssertProblems($"[timeouts]\n{key} = {invalid}", $"relay.toml:2: timeouts.{key}: must be a whole number of seconds from {min} to {max}");
    }

    private static KeyHash HashOf(string text) => KeyHash.TryParse(text, out KeyHash hash) ? hash : throw new ArgumentException(text, nameof(text));

    [TestCase("127.0.0.1:8081")]
    [TestCase("[::1]:8081")]
    public void An_admin_listener_on_loopback_needs_no_key(string address)
    {
        RelayConfig config = Load($"admin = \"{address}\"", out string[] notes);

        Assert.That((config.Admin!.Listen.ToString(), config.Admin.Key), Is.EqualTo((address, (KeyHash?)null)));
        Assert.That(notes, Has.None.Contains("admin"));
        Assert.That(Load("", out _).Admin, Is.Null, "off unless it is set");
    }

    [TestCase("0.0.0.0:8081")]
    [TestCase("192.0.2.7:8081")]
    [TestCase("[::]:8081")]
    public void An_admin_listener_elsewhere_needs_a_key_and_is_noted_with_one(string address)
    {
        AssertProblems($"admin = \"{address}\"",
            $"relay.toml:1: admin: {address} can be reached from other machines, and everybody there could close tunnels: set admin_key_hash to the hash of a key "
            + "that `ptth-relay keygen` makes, or listen on 127.0.0.1 or [::1]");

        RelayConfig config = Load($"admin = \"{address}\"\nadmin_key_hash = \"{Hash1}\"", out string[] notes);

        Assert.That(config.Admin!.Key.ToString(), Is.EqualTo(Hash1));
        Assert.That(notes, Has.Some.EqualTo($"relay.toml:1: admin: the key of {address} crosses the network readable, since it is plain HTTP: "
            + "put TLS in front of it, or listen on loopback and come by ssh"));
    }

    [Test]
    public void What_is_wrong_with_the_admin_listener()
    {
        AssertProblems($"""
            listen = ["127.0.0.1:8080"]
            admin = "127.0.0.1:8080"
            admin_key_hash = "{Hash1}"
            [[server]]
            name = "a"
            key_hash = "{Hash1}"
            """,
            "relay.toml:2: admin: has 127.0.0.1:8080 in line 1 already",
            "relay.toml:6: server.key_hash: is used in line 3 already: give each party a key of its own");
        AssertProblems("admin = \"localhost:8081\"\nadmin_key_hash = \"no\"",
            "relay.toml:1: admin: \"localhost:8081\" must be ADDRESS:PORT with an IP address, such as \"0.0.0.0:8080\" or \"[::]:8080\"",
            $"relay.toml:2: admin_key_hash: {ExpectedHash}");
    }
}
