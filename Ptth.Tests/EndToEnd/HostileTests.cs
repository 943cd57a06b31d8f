using System.Net.Sockets;
using NUnit.Framework;
using Ptth.Tests.Support;

namespace Ptth.Tests.EndToEnd;

/// <summary>One hostile connection never disturbs another: a tunnel moves on, byte for byte, whatever else comes in.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class HostileTests : EndToEndTest
{
    private const int MiB = 1024 * 1024;

    [Test]
    [CancelAfter(120_000)]
    public async Task A_tunnel_moves_on_while_others_attack(CancellationToken token)
    {
        using var service = new TcpService();
        var rig = await TunnelRig.StartAsync(Scope, "stream", service.EndPoint, token);
        using var client = await rig.ConnectAsync("stream", token);
        using var server = await service.AcceptAsync(token);
        var up = Scope.NewPattern();
        var down = Scope.NewPattern();
        var attacksDone = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        var atServer = server.ReceivePatternAsync(up, token);
        var atClient = client.ReceivePatternAsync(down, token);
        var sends = Task.WhenAll(SendUntilAsync(client, up), SendUntilAsync(server, down));

        var open = new List<(Socket Socket, Stream Stream)>();
        for (var round = 0; round < 3; round++)
        {
            foreach (var attack in Attacks(rig))
            {
                // Over TLS where that is on, but for the last round: that is plain on a port for TLS, too.
                var socket = Scope.Own(await TcpStreams.ConnectAsync(rig.RelayEndPoint, token));
                var stream = Scope.Own(await OverAsync(socket, isTls: TestTls.IsOn && round < 2, token));
                await SendIgnoringResetsAsync(stream, attack, token);
                open.Add((socket, stream));
            }
        }

        // Some stay open, some are reset, some end.
        for (var i = 0; i < open.Count; i++)
        {
            if (i % 3 == 0)
                open[i].Socket.Reset();
            else if (i % 3 == 1)
                await open[i].Stream.DisposeAsync();
        }

        var health = await Curl.AskAsync(rig, "GET", "/v1/health", null, token);
        attacksDone.SetResult(4 * MiB);
        var sent = await sends;

        using (Assert.EnterMultipleScope())
        {
            Assert.That(health.Status, Is.EqualTo(200));
            Assert.That(await atServer, Is.EqualTo(new StreamEnd(sent[0], EndKind.Clean)));
            Assert.That(await atClient, Is.EqualTo(new StreamEnd(sent[1], EndKind.Clean)));
        }

        // Sends in pieces until the attacks are over, and some more after them.
        async Task<long> SendUntilAsync(Socket socket, Pattern pattern)
        {
            var buffer = new byte[64 * 1024];
            var total = 0L;
            for (var rest = long.MaxValue; rest > 0; rest -= buffer.Length)
            {
                if (attacksDone.Task.IsCompleted && rest > attacksDone.Task.Result)
                    rest = await attacksDone.Task;
                pattern.Fill(buffer, total);
                await socket.SendAllAsync(buffer, token);
                total += buffer.Length;
            }

            socket.Shutdown(SocketShutdown.Send);
            return total;
        }
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Broken_chunks_break_only_their_own_tunnel(
        [Values("zz\r\n", "FFFFFFFFFFFFFFFFF\r\n", "5\r\nab", "5\nabcde\n", "3\r\nabcdef\r\n", "-1\r\n", "5 \r\nabcde\r\n")] string framing,
        CancellationToken token)
    {
        using var service = new TcpService();
        using var echo = TcpService.Echo();
        var rig = await TunnelRig.StartAsync(
            Scope, new RigPlan { Targets = { ["stream"] = service.EndPoint, ["echo"] = echo.EndPoint } }, token);
        using var bystander = await rig.ConnectAsync("echo", token);
        await ExchangeAsync(bystander, token);

        using var down = await RawHttp.RequestAsync(rig, "POST", rig.ConnectPath("stream"), rig.ClientKey, token);
        var head = await down.ReadHeadAsync(token);
        using var server = await service.AcceptAsync(token);
        using var up = await RawHttp.RequestAsync(
            rig, "POST", $"/v1/upstream/{head["Ptth-Connection"]}", rig.ClientKey, token, "Transfer-Encoding: chunked\r\n");
        await up.SendAsync("3\r\nabc\r\n", token);
        await server.ReceiveExactlyAsync(new byte[3], token);
        await up.SendAsync(framing, token);

        // What is merely cut off is broken by the cut.
        if (framing == "5\r\nab")
            up.Dispose();

        var end = await server.ReceivePatternAsync(null, token);
        Assert.That(end.Kind, Is.EqualTo(EndKind.Broken), "at the TCP server");
        Assert.That(await down.ReadToBodyEndAsync(token), Is.EqualTo(EndKind.Broken), "downstream");
        if (framing != "5\r\nab")
        {
            var answer = await up.ReadHeadAsync(token);
            Assert.That(answer.Status, Is.EqualTo(400));
            await up.ReadBodyAsync(answer, token);
            await up.ReadCloseAsync(token);
        }

        await ExchangeAsync(bystander, token);
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_malformed_head_is_answered_and_its_connection_closed(
        [Values(
            "GET /v1/health HTTP/1.1\r\n\r\n",
            "GET /v1/health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            "GET /v1/health HTTP/1.1\r\nHost : a\r\n\r\n",
            "GET /v1/health HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n",
            "GET /v1/health HTTP/1.1\nHost: a\n\n",
            "POST /v1/health HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST /v1/health HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\nx",
            "POST /v1/health HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n")]
        string head,
        CancellationToken token)
    {
        var rig = await TunnelRig.StartRelayAloneAsync(Scope, token);
        using var http = await RawHttp.OpenAsync(rig.RelayEndPoint, token);

        await http.SendAsync(head, token);
        var answer = await http.ReadHeadAsync(token);
        var body = await http.ReadBodyAsync(answer, token);

        Assert.That(answer.Status, Is.EqualTo(400));
        Assert.That(answer["Content-Type"], Is.EqualTo("application/problem+json"));
        Assert.That(body, Is.Not.Empty);
        await http.ReadCloseAsync(token);
    }

    private static async Task<Stream> OverAsync(Socket socket, bool isTls, CancellationToken token) =>
        isTls ? await TestTls.OverTlsAsync(socket, TestTls.Relay, token) : new NetworkStream(socket, ownsSocket: true);

    private static async Task SendIgnoringResetsAsync(Stream stream, byte[] bytes, CancellationToken token)
    {
        try
        {
            await stream.WriteAsync(bytes, token);
        }
        catch (IOException)
        {
            // Being thrown out early is a fine answer to an attack.
            stream.Close();
        }
    }

    private async Task ExchangeAsync(Socket echo, CancellationToken token)
    {
        var content = Scope.Faker.Random.Bytes(100);
        var echoed = new byte[content.Length];
        await echo.SendAllAsync(content, token);
        await echo.ReceiveExactlyAsync(echoed, token);
        Assert.That(echoed, Is.EqualTo(content));
    }

    private IEnumerable<byte[]> Attacks(TunnelRig rig)
    {
        static byte[] Text(string text) => System.Text.Encoding.Latin1.GetBytes(text);
        var authorized = $"Host: a\r\nAuthorization: Bearer {rig.ClientKey.Key}\r\n";
        var upstream = $"POST /v1/upstream/{Scope.Faker.Random.AlphaNumeric(22)} HTTP/1.1\r\n{authorized}";

        yield return [];
        yield return Text("GET /v1/hea");
        yield return Text("GET / HTTP/1.1\r\nHost: a\r\nX: " + new string('x', 200_000));
        yield return Text("GET /" + new string('a', 200_000) + " HTTP/1.1\r\n");
        yield return Scope.Faker.Random.Bytes(100_000);
        yield return Text("\0\0\0\0\r\n\r\n");
        yield return Text("\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03");
        yield return Text(string.Concat(Enumerable.Repeat("GET /v1/health HTTP/1.1\r\nHost: a\r\n\r\n", 1_000)));
        yield return Text(upstream + "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n");
        yield return Text(upstream + "Transfer-Encoding: chunked\r\n\r\n7fffffff\r\n" + new string('x', 100_000));
        yield return Text(upstream + "Transfer-Encoding: chunked\r\n\r\n1;" + new string('e', 100_000));
        yield return Text(upstream + "Content-Length: 9223372036854775807\r\n\r\n" + new string('x', 100_000));
        yield return Text(upstream + "Content-Length: 99999999999999999999999\r\n\r\n");
        yield return Text($"POST {rig.ConnectPath("stream")} HTTP/1.1\r\n{authorized}Prefer: wait=60\r\n\r\n");
        yield return Text($"POST {rig.ConnectPath("nothing")} HTTP/1.1\r\n{authorized}Prefer: wait=60\r\n\r\n");
    }
}
