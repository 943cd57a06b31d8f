using System.Net.Sockets;
using NUnit.Framework;
using Ptth.Tests.Support;

namespace Ptth.Tests.EndToEnd;

/// <summary>
/// A proxy is killed when it has a TCP connection and no tunnel for it yet: the test is the relay and gives no answer. To the other end of
/// that connection this is a break, not the clean end of an empty stream.
/// </summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class HalfMadeTunnelTests : EndToEndTest
{
    private const string Wanted =
        "HTTP/1.1 200 OK\r\nPtth-Connection: AAAAAAAAAAAAAAAAAAAAAA\r\nPtth-Client: laptop\r\nContent-Length: 0\r\n\r\n";

    [Test]
    [CancelAfter(60_000)]
    public async Task The_server_side_proxy_is_killed_before_it_has_an_answer_to_its_accept(CancellationToken token)
    {
        using var relay = new TcpService();
        using var target = new TcpService();
        RunningProgram proxy = Scope.Start(
            "server-side proxy",
            Repository.Proxy,
            ["server", "--relay", $"http://{relay.EndPoint}", "--key-file", await KeyFileAsync(token), "--port", $"ssh={target.EndPoint}", "--listens", "1", "--upload", "stream"]);
        using var listen = new InProcessPeer(await relay.AcceptAsync(token));
        await listen.ReadMessageAsync(token);
        await listen.SendAsync(Wanted, token);
        using Socket atTarget = await target.AcceptAsync(token);
        using var another = new InProcessPeer(await relay.AcceptAsync(token));

        // The accept on one of the two, the next listen on the other.
        await Task.WhenAll(listen.ReadHeadAsync(token), another.ReadHeadAsync(token));

        await proxy.KillAsync();

        await AssertBrokenAsync(atTarget, token);
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task The_client_side_proxy_is_killed_before_it_has_an_answer_to_its_connect(CancellationToken token)
    {
        using var relay = new TcpService();
        var forward = FreePort.Take();
        RunningProgram proxy = Scope.Start(
            "client-side proxy",
            Repository.Proxy,
            ["client", "--relay", $"http://{relay.EndPoint}", "--key-file", await KeyFileAsync(token), "-L", $"{forward}=home/ssh", "--upload", "stream"]);
        await proxy.WaitUntilReadyAsync();
        using Socket client = await TcpStreams.ConnectAsync(forward, token);
        // Besides it asks for the relay's health.
        using var one = new InProcessPeer(await relay.AcceptAsync(token));
        using var other = new InProcessPeer(await relay.AcceptAsync(token));
        PeerMessage[] heads = await Task.WhenAll(one.ReadHeadAsync(token), other.ReadHeadAsync(token));
        Assert.That(heads.Select(static head => head.StartLine), Is.EquivalentTo(new[] { "GET /v1/health HTTP/1.1", "POST /v1/connect/home/ssh HTTP/1.1" }));

        await proxy.KillAsync();

        await AssertBrokenAsync(client, token);
    }

    private async Task<string> KeyFileAsync(CancellationToken token) => Scope.Folder.Write("proxy.key", (await MadeKey.MakeAsync(token)).Key + "\n");

    private static async Task AssertBrokenAsync(Socket socket, CancellationToken token)
    {
        SocketException? failure = await Assert.CatchAsync<SocketException>(async () => await socket.ReceiveAsync(new byte[1], token));
        Assert.That(failure!.SocketErrorCode, Is.EqualTo(SocketError.ConnectionReset));
    }
}
