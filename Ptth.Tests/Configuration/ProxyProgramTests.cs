using NUnit.Framework;
using Ptth.Common.Net;
using Ptth.Proxy.Commands;
using Ptth.Tests.Common;

namespace Ptth.Tests.Configuration;

internal sealed class ProxyProgramTests
{
    private static Task<ProgramRun> Run(string[] arguments, string? key = null) =>
        ProgramRun.Of("ptth-proxy", ProxyProgram.RunAsync, arguments, key: key);

    [Test]
    public async Task Wrong_usage_of_the_server_ends_with_2()
    {
        (await Run(["server"])).AssertUsage("ptth-proxy server", "no relay: give --relay URL or --config FILE");
        (await Run(["server", "--relay", "http://a"])).AssertUsage("ptth-proxy server", "no port: give --port NAME=HOST:PORT");
        (await Run(["server", "--relay", "http://a", "--port", "x=y:1"]))
            .AssertUsage("ptth-proxy server", "no key: give --key-file FILE, or the environment variable PTTH_KEY");
        (await Run(["server", "--relay", "relay", "--port", "x=y:1", "--port", "22", "--listens", "65"])).AssertUsage("ptth-proxy server",
            "--relay relay: must be a URL such as \"https://relay.example\" or \"http://relay.example:8080/ptth/v1\"",
            "--port 22: must be NAME=HOST:PORT, such as \"ssh=127.0.0.1:22\"",
            "--listens 65: must be a whole number from 1 to 64");
        (await Run(["server", "--relay", "https://a", "--port", "x=y:1", "--pin", "sha256:00"])).AssertUsage("ptth-proxy server",
            "--pin sha256:00: must be \"sha256:\" and 64 hex digits, as `ptth-relay check` prints it, or pairs of digits with colons as openssl does");
        (await Run(["server", "-L", "1=a/b"])).AssertUsage("ptth-proxy server",
            "Unrecognized command or argument '-L'.", "Unrecognized command or argument '1=a/b'.");
    }

    [Test]
    public async Task Wrong_usage_of_the_client_ends_with_2()
    {
        (await Run(["client", "--relay", "http://a"])).AssertUsage("ptth-proxy client", "no forward: give -L [ADDRESS:]PORT=SERVER/NAME");
        (await Run(["client", "--relay", "http://a", "-L", "22"])).AssertUsage("ptth-proxy client",
            "-L 22: must be [ADDRESS:]PORT=SERVER/NAME, such as \"2222=home/ssh\" or \"[::1]:2222=home/ssh\"");
    }

    [Test]
    public async Task Wrong_usage_of_the_doctor_ends_with_2()
    {
        (await Run(["doctor"])).AssertUsage("ptth-proxy doctor", "no relay: give --relay URL or --config FILE");
        (await Run(["doctor", "--relay", "http://a"])).AssertUsage("ptth-proxy doctor", "no key: give --key-file FILE, or the environment variable PTTH_KEY");
        (await Run(["doctor", "--relay", "http://a", "--idle", "301"])).AssertUsage("ptth-proxy doctor", "--idle 301: must be a whole number from 0 to 300");
    }

    [TestCase("relay = 'http://a'\nx = 1\n", "x: unknown key; known here are connect_wait, forward, keep_alive, key, key_file, mark_ends, max_tunnels, proxy, relay, segment_bytes, timeouts, tls, upload")]
    [TestCase("relay = 'http://a'\nupload = 'x'\nkeep_alive = 20\n", "upload: must be \"stream\", \"segments\" or \"auto\"")]
    [TestCase("relay = 'http://a'\nlistens = 65\nkeep_alive = 20\n", "listens: must be a whole number from 1 to 64")]
    [TestCase("relay = 'http://a'\nconnect_wait = 61\n[[forward]]\nlisten = '1'\nto = 'a/b'\n", "connect_wait: must be a whole number of seconds from 0 to 60")]
    [TestCase("relay = 'http://a'\nlistens = 65\n\n[[port]]\nname = 'a'\ntarget = 'b:1'\n", "listens: must be a whole number from 1 to 64")]
    public async Task The_doctor_reads_either_configuration_as_its_proxy_does(string text, string problem)
    {
        using var directory = new TempDirectory();
        string path = directory.Write("proxy.toml", text);
        (await Run(["doctor", "--config", path], key: "ptth_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")).AssertConfig($"{path}:2: {problem}");
    }

    [TestCase("-L", "2222=home/ssh")]
    [TestCase("-L2222=home/ssh")]
    [TestCase("-L", "[::1]:2222=home/ssh", "-L", "2223=home/ssh")]
    public async Task Forwards_are_taken_as_ssh_takes_them(params string[] forwards)
    {
        (await Run(["client", "--relay", "http://a", .. forwards]))
            .AssertUsage("ptth-proxy client", "no key: give --key-file FILE, or the environment variable PTTH_KEY");
    }

    [Test]
    public async Task A_bad_configuration_ends_with_78()
    {
        using var directory = new TempDirectory();
        string path = directory.Write("proxy.toml", "relay = 'http://a'\nx = 1\n");
        (await Run(["server", "--config", path, "--port", "x=y:1"])).AssertConfig(
            $"{path}: key_file: is missing; give key_file, key or the environment variable PTTH_KEY",
            $"{path}:2: x: unknown key; known here are dial_timeout, keep_alive, key, key_file, listens, mark_ends, max_tunnels, port, proxy, relay, segment_bytes, timeouts, tls, upload");
        (await Run(["client", "--config", path], key: "ptth_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")).AssertConfig(
            $"{path}: forward: is missing; add [[forward]] with listen and to",
            $"{path}:2: x: unknown key; known here are connect_wait, forward, keep_alive, key, key_file, mark_ends, max_tunnels, proxy, relay, segment_bytes, timeouts, tls, upload");
        (await Run(["client", "--relay", "http://a", "-L", "1=a/b"], key: "ptth_x")).AssertConfig(
            "PTTH_KEY: must be a key, \"ptth_\" and 43 characters, as `ptth-relay keygen` prints it");
        string missing = directory.PathOf("missing.key");
        (await Run(["client", "--relay", "http://a", "-L", "1=a/b", "--key-file", missing])).AssertConfig($"{missing}: cannot be read: there is no such file");
    }

    [Test]
    public async Task A_proxy_that_is_none_is_told_without_its_password()
    {
        (await Run(["client", "--relay", "http://a", "--proxy", "ftp://jo:secret@b:1"])).AssertUsage("ptth-proxy client", $"--proxy: {HttpProxyUrl.Expected}");
        (await Run(["client", "--relay", "http://a", "--proxy", "socks5://jo:secret@b:1"])).AssertUsage(
            "ptth-proxy client", "--proxy: is a SOCKS proxy, which is not supported; give an HTTP proxy, http://HOST:PORT");
    }

    [Test]
    public async Task A_relay_with_a_password_is_told_without_it()
    {
        (await Run(["client", "--relay", "http://jo:secret@b"])).AssertUsage(
            "ptth-proxy client", "--relay: must be a URL without a user name: the key is given by key_file, key or --key-file");
    }

    [Test]
    public async Task The_version_has_the_programs_name()
    {
        Assert.That(await Run(["client", "--version"]), Is.EqualTo(new ProgramRun(0, "ptth-proxy 0.1.0\n", "")));
    }
}
