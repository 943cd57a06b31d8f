using System.Text;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using Ptth.Proxy.Configuration;
using Ptth.Tests.Support;

namespace Ptth.Tests.Proxy;

/// <summary>Uploads in segments: through a relay, and against one by hand that loses connections.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class SegmentUploadTests : InProcessTest
{
    private const string Id = "AAAAAAAAAAAAAAAAAAAAAA";
    private const string Accepted = $"HTTP/1.1 200 OK\r\nPtth-Connection: {Id}\r\nPtth-Accepts: segments\r\nTransfer-Encoding: chunked\r\n\r\n";

    private static readonly UploadSettings Segments = new(UploadMode.Segments, 50_000);

    private readonly FakeTimeProvider _time = new();
    private readonly TcpService _service;

    public SegmentUploadTests() => _service = Own(new TcpService());

    [Test]
    [CancelAfter(60_000)]
    public async Task Bytes_and_clean_ends_go_both_ways_in_segments(
        [Values(0, 20)] int keepAlive, [Values] bool markEnds, [Values] bool serverToo, CancellationToken token)
    {
        const int Bytes = 3_000_000;
        InProcessRelay relay = Own(new InProcessRelay());
        await using var server = new InProcessServerProxy(relay.EndPoint, _service.EndPoint, _time, upload: serverToo ? Segments : null);
        await InProcessWait.UntilAsync(() => relay.Rendezvous.WaitingListens() == 1, "it listens", token);
        await using var client = new InProcessClientProxy(relay.EndPoint, _time, keepAlive: keepAlive, upload: Segments, markEnds: markEnds);
        InProcessPeer local = client.Connect();
        InProcessPeer far = Own(new InProcessPeer(await _service.AcceptAsync(token)));
        for (int i = 0; i < 20; i++)
        {
            await local.SendAsync("hello", token);
            Assert.That(Encoding.ASCII.GetString(await far.ReadExactlyAsync(5, token)), Is.EqualTo("hello"));
            await far.SendAsync("hello", token);
            Assert.That(Encoding.ASCII.GetString(await local.ReadExactlyAsync(5, token)), Is.EqualTo("hello"));
        }

        Pattern up = new(1), down = new(2);
        Task sending = SendAsync(local, up), answering = SendAsync(far, down);
        StreamEnd atFar = await far.Socket.ReceivePatternAsync(up, token), atLocal = await local.Socket.ReceivePatternAsync(down, token);
        await Task.WhenAll(sending, answering);

        Assert.That((atFar, atLocal), Is.EqualTo((new StreamEnd(Bytes, EndKind.Clean), new StreamEnd(Bytes, EndKind.Clean))));
        await client.WhenEmptyAsync().ComesAsync(token);
        Assert.That(await client.Log.LineAsync("ended", token), Does.Contain("Completed").And.Contain($" {Bytes + 100} bytes sent"));

        async Task SendAsync(InProcessPeer peer, Pattern pattern)
        {
            await peer.Socket.SendPatternAsync(pattern, Bytes, token);
            peer.SendFin();
        }
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_tunnel_that_rests_is_kept_alive_by_a_segment(CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay());
        await using var server = new InProcessServerProxy(relay.EndPoint, _service.EndPoint, _time);
        await InProcessWait.UntilAsync(() => relay.Rendezvous.WaitingListens() == 1, "it listens", token);
        await using var client = new InProcessClientProxy(relay.EndPoint, _time, keepAlive: 20, upload: Segments);
        InProcessPeer local = client.Connect();
        using var far = new InProcessPeer(await _service.AcceptAsync(token));
        await local.SendAsync("hello", token);
        await far.ReadExactlyAsync(5, token);
        Ptth.Relay.Tunnels.Tunnel tunnel = relay.Ticker.ItemsOf<Ptth.Relay.Tunnels.Tunnel>().Single();
        await InProcessWait.UntilAsync(
            () =>
            {
                // In steps short enough that no segment is late by this clock.
                _time.Advance(TimeSpan.FromSeconds(0.02));
                return tunnel.Up.Bytes >= 9 + 8;
            },
            "two records without anything have come",
            token);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_reset_is_no_clean_end(CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay());
        await using var server = new InProcessServerProxy(relay.EndPoint, _service.EndPoint, _time);
        await InProcessWait.UntilAsync(() => relay.Rendezvous.WaitingListens() == 1, "it listens", token);
        await using var client = new InProcessClientProxy(relay.EndPoint, _time, upload: Segments);
        InProcessPeer local = client.Connect();
        using var far = new InProcessPeer(await _service.AcceptAsync(token));
        await local.SendAsync("hello", token);
        await far.ReadExactlyAsync(5, token);
        local.Reset();

        Assert.That(await far.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Reset)));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Not_a_byte_is_lost_or_doubled_where_connections_are_lost_at_random(CancellationToken token)
    {
        await using var proxy = new InProcessClientProxy(_service.EndPoint, TimeProvider.System, upload: Segments);
        byte[] sent = Random.Bytes(1_000_000);
        (InProcessPeer local, InProcessPeer download) = await OpenAsync(proxy, Accepted, token);
        Task sending = Task.Run(
            async () =>
            {
                await local.Socket.SendAllAsync(sent, token);
                local.SendFin();
            },
            token);

        var received = new MemoryStream();
        bool ended = false;
        int lost = 0;
        while (!ended)
        {
            InProcessPeer peer = await AcceptAsync(token);
            while (true)
            {
                PeerMessage? head = await TryReadHeadAsync(peer, token);
                if (head is null) break;
                int length = int.Parse(head["Content-Length"]!, System.Globalization.CultureInfo.InvariantCulture);
                bool isLast = head["Ptth-Last"] == "yes";
                if (length > 0) Assert.That(head["Ptth-Offset"], Is.EqualTo($"{received.Length}"), "what comes goes on where the last left off");
                // Some are lost in their midst, some with their answers.
                int fate = Random.Int(0, 5);
                int taken = length > 0 && fate == 0 ? Random.Int(0, length) : length;
                received.Write(await peer.ReadExactlyAsync(taken, token));
                ended = isLast && taken == length && received.Length == sent.Length;
                if (fate <= 1 && !ended)
                {
                    lost++;
                    peer.Reset();
                    break;
                }

                await peer.SendAsync($"HTTP/1.1 200 OK\r\nPtth-Offset: {received.Length}\r\nContent-Length: 0\r\n\r\n", token);
                if (ended) break;
            }
        }

        await sending;
        Assert.That(received.ToArray().AsSpan().SequenceEqual(sent), Is.True);
        Assert.That(lost, Is.GreaterThan(0));
        await download.SendLastChunkAsync(token);
        Assert.That(await proxy.Log.LineAsync("ended", token), Does.Contain("Completed"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_relay_that_cannot_be_asked_for_ten_seconds_breaks_the_tunnel(CancellationToken token)
    {
        await using var proxy = new InProcessClientProxy(_service.EndPoint, _time, upload: Segments);
        (InProcessPeer local, InProcessPeer _) = await OpenAsync(proxy, Accepted, token);
        (await AcceptAsync(token)).Reset();
        _service.ServeEach(static socket =>
        {
            socket.Close(0);
            return Task.CompletedTask;
        });
        await InProcessWait.UntilAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromMilliseconds(500));
                return proxy.WhenEmptyAsync().IsCompleted;
            },
            "it gives up",
            token);

        Assert.That(await proxy.Log.LineAsync("cannot be delivered", token), Does.Contain("for 10 s"));
        Assert.That(await local.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Reset)));
    }

    [TestCase("404 Not Found", "404")]
    [TestCase("410 Gone", "410")]
    [CancelAfter(30_000)]
    public async Task A_refusal_breaks_the_tunnel_at_once(string status, string words, CancellationToken token)
    {
        await using var proxy = new InProcessClientProxy(_service.EndPoint, _time, upload: Segments);
        (InProcessPeer local, InProcessPeer _) = await OpenAsync(proxy, Accepted, token);
        InProcessPeer upload = await AcceptAsync(token);
        await upload.ReadMessageAsync(token);
        await upload.SendAsync($"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n", token);

        Assert.That(await proxy.Log.LineAsync("cannot be delivered", token), Does.Contain(words));
        Assert.That(await local.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Reset)));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Segments_that_are_forced_with_an_old_relay_are_an_error_in_words(CancellationToken token)
    {
        await using var proxy = new InProcessClientProxy(_service.EndPoint, _time, upload: Segments);
        (InProcessPeer local, InProcessPeer _) = await OpenAsync(proxy, $"HTTP/1.1 200 OK\r\nPtth-Connection: {Id}\r\nTransfer-Encoding: chunked\r\n\r\n", token);

        Assert.That(await local.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Reset)));
        Assert.That(await proxy.Log.LineAsync("no tunnel", token), Does.Contain("bring the relay up to date"));
    }

    [TestCase("404 Not Found", false)]
    [TestCase("413 Too Large", true)]
    [CancelAfter(30_000)]
    public async Task Auto_goes_by_what_its_probe_finds(string answer, bool segments, CancellationToken token)
    {
        await using var proxy = new InProcessClientProxy(_service.EndPoint, _time, upload: new UploadSettings(UploadMode.Auto));
        (InProcessPeer local, InProcessPeer _) = await OpenAsync(proxy, Accepted, token);
        InProcessPeer probe = await AcceptAsync(token);
        Assert.That((await probe.ReadMessageAsync(token)).StartLine, Is.EqualTo("POST /v1/probe/reports HTTP/1.1"));
        await probe.SendAsync($"HTTP/1.1 {answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", token);

        InProcessPeer upload = await AcceptAsync(token);
        PeerMessage begun = await upload.ReadHeadAsync(token);
        Assert.That((begun.StartLine, begun["Ptth-Offset"]), Is.EqualTo(($"POST /v1/upstream/{Id} HTTP/1.1", segments ? "0" : null)));
        local.Reset();
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Segments_that_are_too_long_for_the_path_go_in_halves(CancellationToken token)
    {
        const int Bound = 10_000;
        await using var proxy = new InProcessClientProxy(_service.EndPoint, TimeProvider.System, upload: Segments);
        byte[] sent = Random.Bytes(200_000);
        (InProcessPeer local, InProcessPeer download) = await OpenAsync(proxy, Accepted, token);
        Task sending = SendAsync();
        var received = new MemoryStream();
        var refused = new List<int>();
        InProcessPeer peer = await AcceptAsync(token);
        for (bool ended = false; !ended;)
        {
            PeerMessage head = await peer.ReadHeadAsync(token);
            int length = int.Parse(head["Content-Length"]!, System.Globalization.CultureInfo.InvariantCulture);
            byte[] body = await peer.ReadExactlyAsync(length, token);
            if (length > Bound)
            {
                refused.Add(length);
                await peer.SendAsync("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", token);
                peer.Dispose();
                peer = await AcceptAsync(token);
                continue;
            }

            received.Write(body);
            ended = head["Ptth-Last"] == "yes";
            await peer.SendAsync($"HTTP/1.1 200 OK\r\nPtth-Offset: {received.Length}\r\nContent-Length: 0\r\n\r\n", token);
        }

        await sending;
        Assert.That(received.ToArray().AsSpan().SequenceEqual(sent), Is.True);
        // What was found out is not found out again.
        Assert.That(refused, Is.Not.Empty.And.Count.LessThanOrEqualTo(3).And.Ordered.Descending);
        await download.SendLastChunkAsync(token);
        Assert.That(await proxy.Log.LineAsync("ended", token), Does.Contain("Completed"));

        async Task SendAsync()
        {
            await local.Socket.SendAllAsync(sent, token);
            local.SendFin();
        }
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_path_that_takes_not_even_the_shortest_segment_breaks_the_tunnel(CancellationToken token)
    {
        await using var proxy = new InProcessClientProxy(_service.EndPoint, TimeProvider.System, upload: Segments);
        (InProcessPeer local, InProcessPeer _) = await OpenAsync(proxy, Accepted, token);
        await local.SendAsync(new string('x', 5_000), token);
        _service.ServeEach(async socket =>
        {
            using var peer = new InProcessPeer(socket);
            while (await TryReadHeadAsync(peer, token) is { } head)
            {
                int length = int.Parse(head["Content-Length"]!, System.Globalization.CultureInfo.InvariantCulture);
                await peer.ReadExactlyAsync(length, token);
                await peer.SendAsync($"HTTP/1.1 {(length > 0 ? "413 Too Large" : "200 OK\r\nPtth-Offset: 0")}\r\nContent-Length: 0\r\n\r\n", token);
            }
        });

        Assert.That(await proxy.Log.LineAsync("cannot be delivered", token), Does.Contain("takes no body of 1024 bytes"));
        Assert.That(await local.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Reset)));
    }

    private async Task<(InProcessPeer Local, InProcessPeer Download)> OpenAsync(InProcessClientProxy proxy, string answer, CancellationToken token)
    {
        InProcessPeer local = proxy.Connect();
        InProcessPeer download = await AcceptAsync(token);
        await download.ReadMessageAsync(token);
        await download.SendAsync(answer, token);
        return (local, download);
    }

    private static async Task<PeerMessage?> TryReadHeadAsync(InProcessPeer peer, CancellationToken token)
    {
        try
        {
            return await peer.ReadHeadAsync(token);
        }
        catch (Exception failure) when (failure is IOException or System.Net.Sockets.SocketException)
        {
            return null;
        }
    }

    private async Task<InProcessPeer> AcceptAsync(CancellationToken token) => Own(new InProcessPeer(await _service.AcceptAsync(token)));
}
