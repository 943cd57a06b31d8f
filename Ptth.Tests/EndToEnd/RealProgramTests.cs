using System.Globalization;
using System.Security.Cryptography;
using NUnit.Framework;
using Ptth.Tests.Support;

namespace Ptth.Tests.EndToEnd;

/// <summary>Programs that nobody here wrote, at both ends of the tunnel.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class RealProgramTests : EndToEndTest
{
    private const int MiB = 1024 * 1024;

    [Test]
    [CancelAfter(60_000)]
    public async Task A_command_runs_over_ssh(CancellationToken token)
    {
        var ssh = await OpenSsh.StartAsync(Scope, token);
        var rig = await TunnelRig.StartAsync(Scope, "ssh", ssh.EndPoint, token);
        var words = Scope.Faker.Random.AlphaNumeric(40);

        var run = await ssh.RunAsync(rig.Forward("ssh"), $"echo {words}; echo problem >&2; exit 3", token);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.Output, Is.EqualTo(words + "\n"), run.ToString());
            Assert.That(run.Errors, Is.EqualTo("problem\n"));
            Assert.That(run.ExitCode, Is.EqualTo(3));
        }
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Files_go_both_ways_by_scp(CancellationToken token)
    {
        var ssh = await OpenSsh.StartAsync(Scope, token);
        var rig = await TunnelRig.StartAsync(Scope, "ssh", ssh.EndPoint, token);
        var original = await Scope.WriteRandomFileAsync("original", 50_000_000, token);
        var uploaded = Scope.Folder.File("uploaded");
        var downloaded = Scope.Folder.File("downloaded");

        var up = await ssh.UploadAsync(rig.Forward("ssh"), original, uploaded, token);
        Assert.That(up.ExitCode, Is.Zero, up.ToString());
        var down = await ssh.DownloadAsync(rig.Forward("ssh"), uploaded, downloaded, token);
        Assert.That(down.ExitCode, Is.Zero, down.ToString());

        var expected = await HashAsync(original, token);
        Assert.That(await HashAsync(uploaded, token), Is.EqualTo(expected));
        Assert.That(await HashAsync(downloaded, token), Is.EqualTo(expected));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_file_comes_from_nginx_by_curl([Values("--http1.1", "--http1.0")] string version, CancellationToken token)
    {
        var nginx = await Nginx.StartAsync(Scope);
        var rig = await TunnelRig.StartAsync(Scope, "web", nginx.EndPoint, token);
        var original = await Scope.WriteRandomFileAsync("nginx/content/file", 20 * MiB + 1, token);
        var received = Scope.Folder.File("received");

        var curl = await Command.RunAsync(
            "curl", ["-sS", "--fail", version, "-o", received, $"http://{rig.Forward("web")}/file"], token);

        Assert.That(curl.ExitCode, Is.Zero, curl.ToString());
        Assert.That(await HashAsync(received, token), Is.EqualTo(await HashAsync(original, token)));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_kept_connection_serves_several_requests(CancellationToken token)
    {
        var nginx = await Nginx.StartAsync(Scope);
        var rig = await TunnelRig.StartAsync(Scope, "web", nginx.EndPoint, token);
        var pages = Enumerable.Range(0, 5).Select(i => Scope.Faker.Lorem.Paragraphs(i + 1)).ToArray();
        for (var i = 0; i < pages.Length; i++)
            await File.WriteAllTextAsync(Path.Combine(nginx.Content, $"page{i}"), pages[i], token);

        var urls = Enumerable.Range(0, pages.Length).Select(i => $"http://{rig.Forward("web")}/page{i}");
        var curl = await Command.RunAsync("curl", ["-sS", "--fail", "-w", "%{stderr}%{num_connects}\n", .. urls], token);

        Assert.That(curl.Output, Is.EqualTo(string.Concat(pages)), curl.ToString());
        Assert.That(curl.Errors, Is.EqualTo("1\n0\n0\n0\n0\n"), "how many connections each request needed");
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Redis_benchmark_runs_without_an_error(CancellationToken token)
    {
        var redis = await Redis.StartAsync(Scope);
        var rig = await TunnelRig.StartAsync(Scope, "redis", redis.EndPoint, token);

        var benchmark = await Command.RunAsync(
            "redis-benchmark",
            [.. Redis.At(rig.Forward("redis")), "-n", "20000", "-c", "50", "-d", "100", "-r", "1000", "-t", "set,get", "--csv"],
            token);
        var keys = await Command.RunAsync("redis-cli", [.. Redis.At(rig.Forward("redis")), "dbsize"], token);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(benchmark.ExitCode, Is.Zero, benchmark.ToString());
            Assert.That(benchmark.Output, Does.Contain("\"SET\",").And.Contain("\"GET\","));
            Assert.That(benchmark.Output + benchmark.Errors, Does.Not.Contain("rror"));
            Assert.That(int.Parse(keys.Output, CultureInfo.InvariantCulture), Is.InRange(900, 1000), keys.ToString());
        }
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Netcat_gets_its_whole_echo_after_its_end(CancellationToken token)
    {
        using var echo = TcpService.Echo();
        var rig = await TunnelRig.StartAsync(Scope, "echo", echo.EndPoint, token);
        var sent = await Scope.WriteRandomFileAsync("sent", 10_000_000, token);
        var received = Scope.Folder.File("received");
        var forward = rig.Forward("echo");

        // -N: shut down the sending side at the input's end, then wait for the other side's.
        var netcat = await Command.RunAsync(
            "/bin/sh", ["-c", $"exec nc -n -N {forward.Address} {forward.Port} <'{sent}' >'{received}'"], token);

        Assert.That(netcat.ExitCode, Is.Zero, netcat.ToString());
        Assert.That(await HashAsync(received, token), Is.EqualTo(await HashAsync(sent, token)));
    }

    private static async Task<string> HashAsync(string path, CancellationToken token)
    {
        await using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, token));
    }
}
