using System.Net.Sockets;
using NUnit.Framework;
using Ptth.Tests.Support;

namespace Ptth.Tests.EndToEnd;

/// <summary>
/// The harness alone, without a tunnel: what the other end-to-end tests conclude stands on these.
/// </summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class HarnessTests : EndToEndTest
{
    [Test]
    [CancelAfter(30_000)]
    public async Task A_killed_program_is_gone_and_reaped()
    {
        var program = Scope.Start("cat", "/bin/sh", ["-c", "echo ready >&2; exec tail -f /dev/null"]);
        await program.WaitForLineAsync("ready");

        await program.KillAsync();

        Assert.That(program.IsRunning, Is.False);
        Assert.That(Directory.Exists($"/proc/{program.Id}"), Is.False, "a zombie is left");
    }

    [Test]
    [CancelAfter(30_000)]
    public void Waiting_for_a_line_fails_when_the_program_ends_without_it()
    {
        var program = Scope.Start("sh", "/bin/sh", ["-c", "echo one; exit 7"]);

        Assert.That(
            () => program.WaitForLineAsync("two"),
            Throws.InvalidOperationException.With.Message.Contains("ended with 7"));
    }

    [Test]
    [CancelAfter(30_000)]
    public void A_pattern_is_the_same_however_it_is_cut()
    {
        var pattern = Scope.NewPattern();
        var whole = new byte[1_000];
        pattern.Fill(whole, 5);
        var pieces = new byte[whole.Length];
        for (var at = 0; at < pieces.Length;)
        {
            var length = Math.Min(Scope.Faker.Random.Int(1, 40), pieces.Length - at);
            pattern.Fill(pieces.AsSpan(at, length), 5 + at);
            at += length;
        }

        Assert.That(pieces, Is.EqualTo(whole));
        whole[500] ^= 1;
        Assert.That(pattern.Matches(whole, 5, new byte[whole.Length]), Is.False);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_reader_tells_a_reset_from_an_end([Values] bool reset, CancellationToken token)
    {
        using var service = new TcpService();
        var client = await TcpStreams.ConnectAsync(service.EndPoint, token);
        using var server = await service.AcceptAsync(token);
        var pattern = Scope.NewPattern();
        await client.SendPatternAsync(pattern, 1_000, token);
        if (reset)
            client.Reset();
        else
            client.Dispose();

        var end = await server.ReceivePatternAsync(pattern, token);

        Assert.That(end.Kind, Is.EqualTo(reset ? EndKind.Broken : EndKind.Clean));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_killed_netcat_is_a_reset_for_its_peer([Values] bool client, CancellationToken token)
    {
        Socket peer;
        RunningProgram netcat;
        if (client)
        {
            using var service = new TcpService();
            netcat = Netcat.Connect(Scope, service.EndPoint);
            peer = await service.AcceptAsync(token);
        }
        else
        {
            (var endPoint, netcat) = await Netcat.ListenAsync(Scope);
            peer = await TcpStreams.ConnectAsync(endPoint, token);
        }

        using (peer)
        {
            await peer.SendPatternAsync(Scope.NewPattern(), 1_000_000, token);
            await netcat.KillAsync();
            var zeros = new byte[64 * 1024];
            Assert.That(
                async () =>
                {
                    while (await peer.ReceiveAsync(zeros, token) > 0)
                        continue;
                },
                Throws.TypeOf<SocketException>().With.Property("SocketErrorCode").EqualTo(SocketError.ConnectionReset));
        }
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task The_real_programs_serve_without_a_tunnel(CancellationToken token)
    {
        var ssh = await OpenSsh.StartAsync(Scope, token);
        var nginx = await Nginx.StartAsync(Scope);
        var redis = await Redis.StartAsync(Scope);
        await File.WriteAllTextAsync(Path.Combine(nginx.Content, "hello"), "a page", token);

        var shell = await ssh.RunAsync(ssh.EndPoint, "echo over ssh", token);
        var page = await Curl.AskAsync(token, $"http://{nginx.EndPoint}/hello");
        var ping = await Command.RunAsync("redis-cli", [.. Redis.At(redis.EndPoint), "ping"], token);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(shell.Output, Is.EqualTo("over ssh\n"), shell.ToString());
            Assert.That(page.Body, Is.EqualTo("a page"));
            Assert.That(ping.Output, Is.EqualTo("PONG\n"), ping.ToString());
        }
    }
}
