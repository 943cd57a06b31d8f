using NUnit.Framework;
using Ptth.Common.Cli;
using Ptth.Common.Net;
using Ptth.Common.Protocol;
using Ptth.Common.Toml;
using Ptth.Proxy.Configuration;
using Ptth.Tests.Common;

namespace Ptth.Tests.Configuration;

internal sealed class ServerConfigTests
{
    private readonly PtthKey _fileKey = PtthKey.Generate();
    private readonly PtthKey _flagKey = PtthKey.Generate();
    private readonly PtthKey _variableKey = PtthKey.Generate();
    private TempDirectory _directory = null!;

    [SetUp]
    public void SetUp()
    {
        _directory = new TempDirectory();
        _directory.Write("file.key", _fileKey.Reveal());
        _directory.Write("flag.key", _flagKey.Reveal());
    }

    [TearDown]
    public void TearDown() => _directory.Dispose();

    private ProxySources Sources(string? text = null, string? relay = null, string? keyFile = null, string? variable = null) => new()
    {
        ConfigPath = text is null ? null : _directory.Write("server.toml", text),
        Relay = relay is not null && RelayUrl.TryParse(relay, out RelayUrl? url, out _) ? url : null,
        KeyFile = keyFile is null ? null : _directory.PathOf(keyFile),
        Variable = name => name == "PTTH_KEY" ? variable : null,
    };

    private static PortMapping Port(string text) => PortMapping.TryParse(text, out PortMapping? port) ? port : throw new ArgumentException(text, nameof(text));

    private void AssertProblems(ProxySources sources, params string[] expected)
    {
        ConfigException exception = Assert.Throws<ConfigException>(() => ServerConfigFile.Load(sources, [], null))!;
        Assert.That(exception.Problems.Select(problem => problem.ToString().Replace(_directory.Path + Path.DirectorySeparatorChar, "", StringComparison.Ordinal)),
            Is.EqualTo(expected));
    }

    private const string Minimal = """
        relay = "http://relay.example"
        [[port]]
        name = "ssh"
        target = "127.0.0.1:22"

        """;

    [TestCase("key_file = \"KEY\"")]
    [TestCase("KEY = 1")]
    [TestCase("[KEY]")]
    [TestCase("key_file = \"file.key\"\n[[port]]\nname = \"KEY\"\ntarget = \"a:1\"\n[[port]]\nname = \"KEY\"\ntarget = \"a:1\"")]
    [TestCase("key = KEY")]
    public void No_message_has_a_key_in_it(string text)
    {
        string key = _flagKey.Reveal();
        ConfigException exception = Assert.Throws<ConfigException>(
            () => ServerConfigFile.Load(Sources(text.Replace("KEY", key, StringComparison.Ordinal)), [], null))!;

        Assert.That(exception.Message, Does.Not.Contain(key));
    }

    [Test]
    public void A_whole_file()
    {
        ServerProxyConfig config = ServerConfigFile.Load(Sources("""
            relay = "http://relay.example:8080/ptth"
            key_file = "file.key"
            listens = 8
            max_tunnels = 7
            dial_timeout = 6
            keep_alive = 1
            mark_ends = true

            [timeouts]
            relay_connect = 1
            response_head = 2
            idle_connection = 3
            path_check = 5
            half_closed_idle = 4
            idle = 0

            [[port]]
            name = "ssh"
            target = "127.0.0.1:22"
            [[port]]
            name = "web"
            target = "web.internal:80"
            """), [], null);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(config.Relay.ToString(), Is.EqualTo("http://relay.example:8080/ptth"));
            Assert.That(config.Key.Reveal(), Is.EqualTo(_fileKey.Reveal()));
            Assert.That(config.Ports, Is.EqualTo(new[] { Port("ssh=127.0.0.1:22"), Port("web=web.internal:80") }));
            Assert.That(config.ListensPerPort, Is.EqualTo(8));
            Assert.That(config.MaxTunnels, Is.EqualTo(7));
            Assert.That(config.DialTimeout, Is.EqualTo(TimeSpan.FromSeconds(6)));
            Assert.That(config.KeepAliveSeconds, Is.EqualTo(1));
            Assert.That(config.MarkEnds, Is.True);
            Assert.That(config.Timeouts, Is.EqualTo(new ProxyTimeouts
            {
                RelayConnect = TimeSpan.FromSeconds(1),
                ResponseHead = TimeSpan.FromSeconds(2),
                IdleConnection = TimeSpan.FromSeconds(3),
                PathCheck = TimeSpan.FromSeconds(5),
                HalfClosedIdle = TimeSpan.FromSeconds(4),
                Idle = Timeout.InfiniteTimeSpan,
            }));
        }
    }

    [Test]
    public void The_least_file_is_the_defaults()
    {
        ServerProxyConfig config = ServerConfigFile.Load(Sources(Minimal, variable: _variableKey.Reveal()), [], null);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(config.Relay.ToString(), Is.EqualTo("http://relay.example/v1"));
            Assert.That(config.Key.Reveal(), Is.EqualTo(_variableKey.Reveal()));
            Assert.That(config.ListensPerPort, Is.EqualTo(4));
            Assert.That(config.MaxTunnels, Is.EqualTo(1000));
            Assert.That(config.DialTimeout, Is.EqualTo(TimeSpan.FromSeconds(8)));
            Assert.That(config.Timeouts, Is.EqualTo(new ProxyTimeouts
            {
                RelayConnect = TimeSpan.FromSeconds(10),
                ResponseHead = TimeSpan.FromSeconds(15),
                IdleConnection = TimeSpan.FromSeconds(90),
                PathCheck = TimeSpan.FromSeconds(1),
                HalfClosedIdle = TimeSpan.FromMinutes(5),
                Idle = TimeSpan.FromHours(24),
            }));
        }
    }

    [Test]
    public void Flags_without_a_file()
    {
        ServerProxyConfig config = ServerConfigFile.Load(Sources(relay: "http://a", keyFile: "flag.key"), [Port("x=y:1")], 9);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(config.Relay.ToString(), Is.EqualTo("http://a/v1"));
            Assert.That(config.Key.Reveal(), Is.EqualTo(_flagKey.Reveal()));
            Assert.That(config.Ports, Is.EqualTo(new[] { Port("x=y:1") }));
            Assert.That(config.ListensPerPort, Is.EqualTo(9));
        }
    }

    [Test]
    public void Flags_win_over_the_file_and_the_file_over_the_environment()
    {
        string text = Minimal.Replace("[[port]]", "key_file = 'file.key'\nlistens = 2\n[[port]]", StringComparison.Ordinal);
        ServerProxyConfig flags = ServerConfigFile.Load(
            Sources(text, "http://a", "flag.key", _variableKey.Reveal()), [Port("x=y:1")], 3);
        ServerProxyConfig file = ServerConfigFile.Load(Sources(text, variable: _variableKey.Reveal()), [], null);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(flags.Relay.Host, Is.EqualTo("a"));
            Assert.That(flags.Key.Reveal(), Is.EqualTo(_flagKey.Reveal()));
            Assert.That(flags.Ports, Is.EqualTo(new[] { Port("x=y:1") }));
            Assert.That(flags.ListensPerPort, Is.EqualTo(3));
            Assert.That(file.Relay.Host, Is.EqualTo("relay.example"));
            Assert.That(file.Key.Reveal(), Is.EqualTo(_fileKey.Reveal()));
            Assert.That(file.Ports, Is.EqualTo(new[] { Port("ssh=127.0.0.1:22") }));
            Assert.That(file.ListensPerPort, Is.EqualTo(2));
        }
    }

    [Test]
    public void A_flag_stands_in_for_what_the_file_lacks()
    {
        ServerProxyConfig config = ServerConfigFile.Load(Sources("listens = 2", "http://a", "flag.key"), [Port("x=y:1")], null);
        Assert.That(config.ListensPerPort, Is.EqualTo(2));
        Assert.That(config.Key.Reveal(), Is.EqualTo(_flagKey.Reveal()));
    }

    [Test]
    public void The_key_may_be_in_a_file_that_others_cannot_read()
    {
        string text = $"key = '{_fileKey.Reveal()}'\n{Minimal}";
        Assert.That(ServerConfigFile.Load(Sources(text), [], null).Key.Reveal(), Is.EqualTo(_fileKey.Reveal()));
        if (OperatingSystem.IsWindows()) return;
        ProxySources sources = Sources(text, keyFile: "flag.key");
        _directory.SetMode("server.toml", UnixFileMode.UserRead | UnixFileMode.GroupRead);
        AssertProblems(sources, $"server.toml:1: key: this file holds a key and can be read by others; run: chmod 600 {_directory.Path}/server.toml"
            .Replace(_directory.Path + Path.DirectorySeparatorChar, "", StringComparison.Ordinal));
    }

    [Test]
    public void A_file_without_a_key_may_be_read_by_all()
    {
        if (OperatingSystem.IsWindows()) return;
        ProxySources sources = Sources("key_file = 'file.key'\n" + Minimal);
        _directory.SetMode("server.toml", UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        Assert.That(ServerConfigFile.Load(sources, [], null).Key.Reveal(), Is.EqualTo(_fileKey.Reveal()));
    }

    [Test]
    public void Key_problems_of_the_file()
    {
        AssertProblems(Sources("key = 'ptth_x'\n" + Minimal),
            "server.toml:1: key: must be a key, \"ptth_\" and 43 characters, as `ptth-relay keygen` prints it");
        AssertProblems(Sources($"key = '{_fileKey.Reveal()}'\nkey_file = 'file.key'\n" + Minimal),
            "server.toml:2: key_file: cannot be given together with key, in line 1");
        AssertProblems(Sources("key_file = 'missing.key'\n" + Minimal),
            "server.toml:1: key_file: missing.key cannot be read: there is no such file");
        AssertProblems(Sources(Minimal),
            "server.toml: key_file: is missing; give key_file, key or the environment variable PTTH_KEY");
        _directory.Write("bad.key", "x");
        AssertProblems(Sources("key_file = 'bad.key'\n" + Minimal),
            "server.toml:1: key_file: bad.key holds no key: the file must hold the key alone, \"ptth_\" and 43 characters, without \"key =\" and quotes");
        if (OperatingSystem.IsWindows()) return;
        _directory.SetMode("file.key", UnixFileMode.UserRead | UnixFileMode.OtherRead);
        AssertProblems(Sources("key_file = 'file.key'\n" + Minimal),
            "server.toml:1: key_file: file.key holds a key and can be read by others; run: chmod 600 file.key");
    }

    [Test]
    public void Key_problems_of_the_flag_and_of_the_environment()
    {
        AssertProblems(Sources(Minimal, keyFile: "missing.key"), "missing.key: cannot be read: there is no such file");
        AssertProblems(Sources(Minimal, variable: "ptth_x"), "PTTH_KEY: must be a key, \"ptth_\" and 43 characters, as `ptth-relay keygen` prints it");
    }

    [Test]
    public void Problems_are_found_all_at_once()
    {
        AssertProblems(Sources("""
            relay = "https://relay.example?x"
            key = "ptth_x"
            listens = 65
            max_tunnels = 0
            dial_timeout = 0
            keep_alive = 3601
            lissens = 1
            [timeouts]
            idel = 1
            [[port]]
            name = "ssh"
            target = "127.0.0.1"
            [[port]]
            name = "ssh"
            target = "127.0.0.1:22"
            [[port]]
            """),
            "server.toml:1: relay: must be a URL without a query or a fragment",
            "server.toml:2: key: must be a key, \"ptth_\" and 43 characters, as `ptth-relay keygen` prints it",
            "server.toml:3: listens: must be a whole number from 1 to 64",
            "server.toml:4: max_tunnels: must be a whole number from 1 to 250000",
            "server.toml:5: dial_timeout: must be a whole number of seconds from 1 to 300",
            "server.toml:6: keep_alive: must be a whole number of seconds from 0 to 3600",
            "server.toml:7: lissens: unknown key; did you mean \"listens\"?",
            "server.toml:9: timeouts.idel: unknown key; did you mean \"idle\"?",
            "server.toml:12: port.target: must be HOST:PORT, such as \"127.0.0.1:22\", \"[::1]:22\" or \"db.example:5432\"",
            "server.toml:14: port.name: \"ssh\" is used in line 11 already",
            "server.toml:16: port.name: is missing; it must be a name: 1 to 64 letters, digits, \".\", \"_\" or \"-\", the first a letter or a digit",
            "server.toml:16: port.target: is missing; it must be HOST:PORT, such as \"127.0.0.1:22\", \"[::1]:22\" or \"db.example:5432\"");
        AssertProblems(Sources("", variable: _variableKey.Reveal()),
            "server.toml: relay: is missing; it must be a URL such as \"https://relay.example\" or \"http://relay.example:8080/ptth/v1\"",
            "server.toml: port: is missing; add [[port]] with name and target");
        AssertProblems(Sources("port = []\nrelay = 'http://a'", variable: _variableKey.Reveal()),
            "server.toml:1: port: is missing; add [[port]] with name and target");
    }

    [Test]
    public void What_the_command_line_lacks_is_wrong_usage()
    {
        string Usage(ProxySources sources, params PortMapping[] ports) =>
            Assert.Throws<UsageException>(() => ServerConfigFile.Load(sources, ports, null))!.Message;

        Assert.That(Usage(Sources(keyFile: "flag.key"), Port("x=y:1")), Is.EqualTo("no relay: give --relay URL or --config FILE"));
        Assert.That(Usage(Sources(relay: "http://a", keyFile: "flag.key")), Is.EqualTo("no port: give --port NAME=HOST:PORT"));
        Assert.That(Usage(Sources(relay: "http://a"), Port("x=y:1")), Is.EqualTo("no key: give --key-file FILE, or the environment variable PTTH_KEY"));
        Assert.That(Usage(Sources(relay: "http://a", keyFile: "flag.key"), Port("x=y:1"), Port("x=z:1")), Is.EqualTo("--port x is given twice"));
    }
}
