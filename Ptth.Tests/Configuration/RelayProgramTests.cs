using NUnit.Framework;
using Ptth.Common.Protocol;
using Ptth.Relay.Commands;
using Ptth.Tests.Common;

namespace Ptth.Tests.Configuration;

internal sealed class RelayProgramTests
{
    private static Task<ProgramRun> Run(string[] arguments, string input = "") => ProgramRun.Of("ptth-relay", RelayProgram.RunAsync, arguments, input);

    [Test]
    public async Task Keygen_prints_a_key_and_its_hash()
    {
        ProgramRun run = await Run(["keygen"]);
        string[] lines = run.Output.Split('\n');
        Assert.That(lines, Has.Length.EqualTo(3));
        Assert.That(lines[0], Does.Match("^key = \"ptth_[A-Za-z0-9_-]{43}\"$"));
        Assert.That(PtthKey.TryParse(lines[0].AsSpan()[7..^1], out PtthKey? key), Is.True);
        Assert.That(lines[1], Is.EqualTo($"key_hash = \"{key!.Hash()}\""));
        Assert.That(lines[2], Is.Empty);
        Assert.That(run.Error, Is.Empty);
        Assert.That(run.ExitCode, Is.Zero);
    }

    [TestCase("")]
    [TestCase("\n")]
    [TestCase("\r\n")]
    public async Task Hash_reads_a_key_and_prints_its_hash(string end)
    {
        PtthKey key = PtthKey.Generate();
        Assert.That(await Run(["hash"], key.Reveal() + end), Is.EqualTo(new ProgramRun(0, $"{key.Hash()}\n", "")));
    }

    [TestCase("")]
    [TestCase("ptth_")]
    [TestCase("ptth_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\nmore")]
    [TestCase("key = \"ptth_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"")]
    public async Task Hash_refuses_what_is_not_a_key(string input)
    {
        Assert.That(await Run(["hash"], input), Is.EqualTo(new ProgramRun(1, "",
            "ptth-relay: standard input must be a key, \"ptth_\" and 43 characters, as `ptth-relay keygen` prints it\n")));
    }

    [Test]
    public async Task Check_prints_what_run_would_do()
    {
        using var directory = new TempDirectory();
        string path = directory.Write("relay.toml", """
            listen = ["127.0.0.1:8080"]
            base_path = "/ptth"
            [[server]]
            name = "home"
            key_hash = "sha256:1111111111111111111111111111111111111111111111111111111111111111"
            [[client]]
            name = "laptop"
            key_hash = "sha256:2222222222222222222222222222222222222222222222222222222222222222"
            allow = ["home/ssh", "office/*"]
            [[client]]
            name = "phone"
            key_hash = "sha256:3333333333333333333333333333333333333333333333333333333333333333"
            allow = []
            """);
        string notes = $"""
            note: {path}:7: client.allow: "laptop" may reach "office/*", but no server "office" is configured
            note: {path}:11: client.allow: "phone" may reach nothing

            """;
        string rest = """
            server home
            client laptop may reach home/ssh, office/*
            client phone may reach nothing

            """;
        Assert.That(await Run(["check", "--config", path]), Is.EqualTo(
            new ProgramRun(0, $"{path} is valid\nlisten on 127.0.0.1:8080, requests below /ptth/\n{rest}", notes)));
        Assert.That(await Run(["check", "--config", path, "--listen", "127.0.0.1:1", "--listen", "[::1]:2"]), Is.EqualTo(
            new ProgramRun(0, $"{path} is valid\nlisten on 127.0.0.1:1, requests below /ptth/\nlisten on [::1]:2, requests below /ptth/\n{rest}", notes)));
    }

    [Test]
    public async Task Check_prints_how_long_keys_are_good_and_where_from()
    {
        using var directory = new TempDirectory();
        string path = directory.Write("relay.toml", """
            listen = ["127.0.0.1:8080"]
            [[server]]
            name = "home"
            key_hash = "sha256:1111111111111111111111111111111111111111111111111111111111111111"
            old_key_hash = "sha256:2222222222222222222222222222222222222222222222222222222222222222"
            old_key_expires = 2020-01-01T00:00:00Z
            [[client]]
            name = "laptop"
            key_hash = "sha256:3333333333333333333333333333333333333333333333333333333333333333"
            expires = 9000-01-01
            allow = ["home/ssh"]
            allow_from = ["10.0.0.0/8", "2001:db8::1"]
            """);

        Assert.That(await Run(["check", "--config", path]), Is.EqualTo(new ProgramRun(0, $"""
            {path} is valid
            listen on 127.0.0.1:8080, requests below /v1/
            server home; its key does not expire; its old key expired at 2020-01-01T00:00:00Z
            client laptop may reach home/ssh; its key is good until 9000-01-02T00:00:00Z; from 10.0.0.0/8, 2001:db8::1/128

            """, $"""
            note: {path}:5: server.old_key_hash: this key of "home" expired at 2020-01-01T00:00:00Z; its lines can go

            """)));
    }

    [TestCase("check")]
    [TestCase("run")]
    public async Task A_bad_configuration_ends_with_78(string command)
    {
        using var directory = new TempDirectory();
        string path = directory.Write("relay.toml", "\n[[server]]\nname = \"home\"\nkey_hash = \"sha256:xyz\"\nx = 1\n");
        (await Run([command, "--config", path])).AssertConfig(
            $"{path}:4: server.key_hash: must be \"sha256:\" and 64 hex digits, as `ptth-relay keygen` prints it",
            $"{path}:5: server.x: unknown key; known here are allow_from, expires, key_hash, name, old_key_expires, old_key_hash");
        string missing = directory.PathOf("missing.toml");
        (await Run([command, "--config", missing])).AssertConfig($"{missing}: cannot be read: there is no such file");
    }

    [Test]
    public async Task Wrong_usage_ends_with_2()
    {
        (await Run(["run"])).AssertUsage("ptth-relay run", "Option '--config' is required.");
        (await Run(["run", "--config", "x", "--listen", "8080"])).AssertUsage("ptth-relay run",
            "--listen 8080: must be ADDRESS:PORT with an IP address, such as \"0.0.0.0:8080\" or \"[::]:8080\"");
        (await Run(["keygen", "--config", "x"])).AssertUsage("ptth-relay keygen",
            "Unrecognized command or argument '--config'.", "Unrecognized command or argument 'x'.");
    }

    [Test]
    public async Task The_version_has_the_programs_name()
    {
        Assert.That(await Run(["--version"]), Is.EqualTo(new ProgramRun(0, "ptth-relay 0.1.0\n", "")));
    }
}
