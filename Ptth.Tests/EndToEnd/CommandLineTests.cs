using System.Net;
using System.Text.RegularExpressions;
using NUnit.Framework;
using Ptth.Tests.Support;

namespace Ptth.Tests.EndToEnd;

/// <summary>What a user types, and what the programs say and end with.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class CommandLineTests : EndToEndTest
{
    private const int UsageExit = 2;
    private const int ConfigurationExit = 78;
    private const UnixFileMode ReadableByOthers = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead;

    [Test]
    [CancelAfter(30_000)]
    public async Task A_key_has_the_hash_that_keygen_says(CancellationToken token)
    {
        var key = await MadeKey.MakeAsync(token);
        var another = await MadeKey.MakeAsync(token);

        var hash = await Command.RunAsync(Repository.Relay, ["hash"], token, input: key.Key + "\n");

        Assert.That(hash.Output, Does.Contain(key.Hash), hash.ToString());
        Assert.That(hash.ExitCode, Is.Zero);
        Assert.That(another.Key, Is.Not.EqualTo(key.Key));
    }

    [TestCase("relay", "--help")]
    [TestCase("relay", "run", "--help")]
    [TestCase("relay", "--version")]
    [TestCase("proxy", "--help")]
    [TestCase("proxy", "server", "--help")]
    [TestCase("proxy", "client", "--help")]
    [TestCase("proxy", "--version")]
    [CancelAfter(30_000)]
    public async Task What_was_asked_for_goes_to_standard_output(params string[] arguments)
    {
        var run = await RunAsync(arguments);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.ExitCode, Is.Zero, run.ToString());
            Assert.That(run.Output, Is.Not.Empty);
            Assert.That(run.Errors, Is.Empty);
        }
    }

    [TestCase("relay")]
    [TestCase("relay", "nonsense")]
    [TestCase("relay", "run")]
    [TestCase("relay", "run", "--nonsense")]
    [TestCase("relay", "run", "--config")]
    [TestCase("relay", "run", "--config", "relay.toml", "--listen", "nowhere")]
    [TestCase("relay", "run", "--config", "relay.toml", "--drain", "soon")]
    [TestCase("relay", "run", "--config", "relay.toml", "--log-format", "xml")]
    [TestCase("proxy")]
    [TestCase("proxy", "nonsense")]
    [TestCase("proxy", "server", "--relay", "ftp://relay.example", "--key-file", "k", "--port", "ssh=127.0.0.1:22")]
    [TestCase("proxy", "server", "--relay", "http://relay.example", "--key-file", "k", "--port", "ssh")]
    [TestCase("proxy", "client", "--relay", "http://relay.example", "--key-file", "k", "-L", "home/ssh")]
    [TestCase("proxy", "client", "--relay", "http://relay.example", "--key-file", "k", "-L", "99999=home/ssh")]
    [CancelAfter(30_000)]
    public async Task Wrong_usage_ends_with_2(params string[] arguments)
    {
        var run = await RunAsync(arguments);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.ExitCode, Is.EqualTo(UsageExit), run.ToString());
            Assert.That(run.Errors, Is.Not.Empty);
            Assert.That(run.Errors, Does.Not.Contain("   at "), "no stack trace");
        }
    }

    [TestCase("listen = [\"127.0.0.1:0\"]\n\n[limits]\nmax_tunels = 5\n", 4, "max_tunels", "max_tunnels")]
    [TestCase("listen = [\"127.0.0.1:0\"]\nlisten_at = 1\n", 2, "listen_at", "\"listen\"")]
    [TestCase("listen = [\"nowhere\"]\n", 1, "listen", "ADDRESS:PORT")]
    [TestCase("listen = 8080\n", 1, "listen", "")]
    [TestCase("listen = [\"127.0.0.1:0\"]\n[timeouts]\naccept = -1\n", 3, "accept", "")]
    [TestCase("listen = [\"127.0.0.1:0\"]\n\n[[server]]\nname = \"../home\"\n", 4, "name", "")]
    [TestCase("listen = [\"127.0.0.1:0\"]\n\n[[server]]\nname = \"home\"\nkey_hash = \"sha1:00\"\n", 5, "key_hash", "sha256:")]
    [TestCase("listen = [\"127.0.0.1:0\"]\n\n[[client]]\nname = \"c\"\nallow = [\"home\"]\n", 5, "allow", "home/ssh")]
    [TestCase("listen = [\n", 1, "", "")]
    [TestCase("a line that is no TOML\n", 1, "", "")]
    [CancelAfter(30_000)]
    public async Task A_malformed_configuration_ends_with_78_and_says_where(string text, int line, string key, string hint)
    {
        var file = Scope.Folder.Write("relay.toml", text);

        foreach (var command in new[] { "run", "check" })
        {
            var run = await RunAsync("relay", command, "--config", file);

            using (Assert.EnterMultipleScope())
            {
                Assert.That(run.ExitCode, Is.EqualTo(ConfigurationExit), run.ToString());
                Assert.That(run.Errors, Does.Contain($"relay.toml:{line}").And.Contain(key).And.Contain(hint));
                Assert.That(run.Errors, Does.Not.Contain("   at "), "no stack trace");
            }
        }
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_missing_configuration_ends_with_78_and_names_it()
    {
        var run = await RunAsync("relay", "run", "--config", Scope.Folder.File("missing.toml"));

        Assert.That(run.ExitCode, Is.EqualTo(ConfigurationExit), run.ToString());
        Assert.That(run.Errors, Does.Contain("missing.toml"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Check_says_what_the_relay_would_do(CancellationToken token)
    {
        var key = await MadeKey.MakeAsync(token);
        var name = Scope.NewName();
        var file = Scope.Folder.Write(
            "relay.toml", $"listen = [\"127.0.0.1:18080\"]\n[[server]]\nname = \"{name}\"\nkey_hash = \"{key.Hash}\"\n");

        var run = await RunAsync("relay", "check", "--config", file);

        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        Assert.That(run.Output, Does.Contain("127.0.0.1:18080").And.Contain(name));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_key_file_that_others_can_read_is_refused_with_the_remedy(CancellationToken token)
    {
        var key = await MadeKey.MakeAsync(token);
        var file = Scope.Folder.Write("server.key", key.Key + "\n");
        TemporaryFolder.SetMode(file, ReadableByOthers);

        var run = await RunAsync("proxy", "server", "--relay", "http://127.0.0.1:1", "--key-file", file, "--port", "ssh=127.0.0.1:22");

        Assert.That(run.ExitCode, Is.EqualTo(ConfigurationExit), run.ToString());
        Assert.That(run.Errors, Does.Contain($"chmod 600 {file}"));
        Assert.That(run.Errors, Does.Not.Contain(key.Key), "the key itself is not told");
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_configuration_that_holds_a_key_and_that_others_can_read_is_refused(CancellationToken token)
    {
        var key = await MadeKey.MakeAsync(token);
        var file = Scope.Folder.Write(
            "client.toml",
            $"relay = \"http://127.0.0.1:1\"\nkey = \"{key.Key}\"\n[[forward]]\nlisten = \"127.0.0.1:0\"\nto = \"home/ssh\"\n");
        TemporaryFolder.SetMode(file, ReadableByOthers);

        var run = await RunAsync("proxy", "client", "--config", file);

        Assert.That(run.ExitCode, Is.EqualTo(ConfigurationExit), run.ToString());
        Assert.That(run.Errors, Does.Contain($"chmod 600 {file}"));
        Assert.That(run.Errors, Does.Not.Contain(key.Key), "the key itself is not told");
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_port_in_use_ends_with_1_and_names_it(CancellationToken token)
    {
        using var taken = new TcpService();
        var key = await MadeKey.MakeAsync(token);
        var file = Scope.Folder.Write(
            "relay.toml", $"listen = [\"{taken.EndPoint}\"]\n[[server]]\nname = \"home\"\nkey_hash = \"{key.Hash}\"\n");

        var run = await RunAsync("relay", "run", "--config", file);

        Assert.That(run.ExitCode, Is.EqualTo(1), run.ToString());
        Assert.That(run.Errors, Does.Contain(taken.EndPoint.ToString()));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Flags_alone_make_a_tunnel(CancellationToken token)
    {
        using var echo = TcpService.Echo();
        var rig = await TunnelRig.StartRelayAloneAsync(Scope, token);
        var serverKey = Scope.Folder.File("server.key");
        Scope.Start(
            "server-side proxy",
            Repository.Proxy,
            ["server", "--relay", rig.RelayUrl, .. rig.ProxyTrust, "--key-file", serverKey, "--port", $"one={echo.EndPoint}", "--port", $"two={echo.EndPoint}"]);

        // Its key comes from the environment, its port from the system.
        var client = Scope.Start(
            "client-side proxy",
            Repository.Proxy,
            ["client", "--relay", rig.RelayUrl + "/v1", .. rig.ProxyTrust, "-L", $"0={rig.ServerName}/one", "-L", $"127.0.0.1:0={rig.ServerName}/two", "--log-format", "json"],
            environment: new Dictionary<string, string> { ["PTTH_KEY"] = rig.ClientKey.Key });

        foreach (var port in new[] { "one", "two" })
        {
            var ready = await client.WaitUntilReadyAsync($"{rig.ServerName}/{port}");
            using var socket = await TcpStreams.ConnectAsync(LoopbackIn(ready), token);
            var content = Scope.Faker.Random.Bytes(1_000);
            var echoed = new byte[content.Length];
            await socket.SendAllAsync(content, token);
            await socket.ReceiveExactlyAsync(echoed, token);
            Assert.That(echoed, Is.EqualTo(content));
        }
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_listen_flag_wins_over_the_file(CancellationToken token)
    {
        var file = Scope.Folder.Write("relay.toml", "listen = [\"127.0.0.1:1\"]\n");
        var relay = Scope.Start("relay", Repository.Relay, ["run", "--config", file, "--listen", "127.0.0.1:0"]);

        var address = LoopbackIn(await relay.WaitUntilReadyAsync());

        var health = await Curl.AskAsync(token, $"http://{address}/v1/health");
        Assert.That(health.Status, Is.EqualTo(200));
    }

    private static IPEndPoint LoopbackIn(string line)
    {
        var match = Regex.Match(line, @"127\.0\.0\.1:[1-9][0-9]*");
        Assert.That(match.Success, Is.True, $"an address in: {line}");
        return IPEndPoint.Parse(match.Value);
    }

    private static Task<CommandResult> RunAsync(params string[] arguments) =>
        Command.RunAsync(
            arguments[0] == "relay" ? Repository.Relay : Repository.Proxy,
            arguments[1..],
            TestContext.CurrentContext.CancellationToken);
}
