using System.Globalization;
using System.Net.Sockets;
using NUnit.Framework;
using Ptth.Tests.Support;

namespace Ptth.Tests.Proxy;

/// <summary>A relay that is away for a moment, as while it is started again: what proxies ask again, and for how long.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class RelayAwayTests : InProcessTest
{
    private const string DrainingBody = """{"type":"urn:ptth:draining","title":"Service Unavailable","status":503}""";

    /// <summary>A relay that drains says so, and closes the connection.</summary>
    private static readonly string DrainingAnswer =
        $"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\nContent-Length: {DrainingBody.Length}\r\nConnection: close\r\n\r\n{DrainingBody}";

    // A proxy's ticker, and its wait between two tries: a dial has two timers.
    private const int WaitingTimers = 2;

    private readonly InProcessTime _time = new();
    private readonly TcpService _relay;

    public RelayAwayTests() => _relay = Own(new TcpService());

    [Test]
    [CancelAfter(30_000)]
    public async Task A_connect_without_a_tunnel_is_asked_for_again_until_the_wait_is_over([Values] bool isAnswered, CancellationToken token)
    {
        await using InProcessClientProxy client = new(_relay.EndPoint, _time);
        InProcessPeer local = client.Connect();
        List<int> waits = [];
        Task serving = ServeAsync();

        Assert.That(await local.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Reset)));

        // After 25, 50, 100, 200, 400 ms and each further half second at the earliest, and after twice as much at the latest.
        Assert.That(waits, Has.Count.InRange(10, 26));
        Assert.That(waits, Is.Ordered.Descending);
        Assert.That((waits[0], waits[^1]), Is.EqualTo((10, 0)));
        Assert.That(client.Log.Lines.Count(static line => line.Contains("asked for again for up to ", StringComparison.Ordinal)), Is.EqualTo(1));
        Assert.That(await client.Log.LineAsync("no tunnel to home/ssh for", token), Does.Contain(isAnswered ? "503" : "without an answer"));
        Assert.That(serving.IsFaulted, Is.False);

        async Task ServeAsync()
        {
            while (true)
            {
                Task<Socket> accepting = _relay.AcceptAsync(token);
                await AdvanceUntilAsync(() => accepting.IsCompleted, 0.025, token);
                using var peer = new InProcessPeer(await accepting);
                PeerMessage request = await peer.ReadHeadAsync(token);
                waits.Add(int.Parse(request["Prefer"]!["wait=".Length..], CultureInfo.InvariantCulture));
                if (isAnswered) await peer.SendAsync(DrainingAnswer, token);
                else peer.Reset();
            }
        }
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Whoever_is_back_within_the_wait_serves_it([Values] bool drainsFirst, CancellationToken token)
    {
        await using InProcessClientProxy client = new(_relay.EndPoint, _time);
        InProcessPeer local = client.Connect();
        await DismissAsync(drainsFirst ? DrainingAnswer : "", token);

        using InProcessPeer connect = await NextTryAsync(client, token);
        await connect.ReadMessageAsync(token);
        await connect.SendAsync("HTTP/1.1 200 OK\r\nPtth-Connection: AAAAAAAAAAAAAAAAAAAAAA\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n", token);

        Assert.That(await local.ReadExactlyAsync(2, token), Is.EqualTo("hi"u8.ToArray()));
        using var upstream = new InProcessPeer(await _relay.AcceptAsync(token));
        Assert.That((await upstream.ReadHeadAsync(token)).StartLine, Does.StartWith("POST /v1/upstream/AAAA"));
    }

    [TestCase("HTTP/1.1 503 No\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}", "503", TestName = "Nobody listens")]
    [TestCase("HTTP/1.1 403 No\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}", "403", TestName = "It may not")]
    [TestCase("HTTP/1.1 50", "broke off", TestName = "An answer that breaks off")]
    [TestCase("SSH-2.0-OpenSSH\r\n", "not HTTP", TestName = "No HTTP")]
    [CancelAfter(30_000)]
    public async Task Any_other_answer_counts(string answer, string said, CancellationToken token)
    {
        await using InProcessClientProxy client = new(_relay.EndPoint, _time);
        InProcessPeer local = client.Connect();
        await DismissAsync(answer, token);

        Assert.That(await local.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Reset)));
        Assert.That(await client.Log.LineAsync("no tunnel to home/ssh for", token), Does.Contain(said));
        Assert.That(client.Log.Lines, Has.None.Contains("asked for again"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_draining_proxy_asks_no_more(CancellationToken token)
    {
        await using InProcessClientProxy client = new(_relay.EndPoint, _time);
        InProcessPeer local = client.Connect();
        await DismissAsync(DrainingAnswer, token);
        await client.Log.LineAsync("asked for again", token);

        await client.DrainAsync();

        Assert.That(await local.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Reset)));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_listen_is_asked_again_at_once([Values] bool isAnswered, CancellationToken token)
    {
        using TcpService target = new();
        await using InProcessServerProxy server = new(_relay.EndPoint, target.EndPoint, _time);
        await DismissAsync(isAnswered ? DrainingAnswer : "", token);
        await server.Log.LineAsync("cannot be used", token);

        Task<Socket> again = _relay.AcceptAsync(token);
        await AdvanceUntilAsync(() => again.IsCompleted, 0.01, token);

        using var listen = new InProcessPeer(await again);
        Assert.That((await listen.ReadMessageAsync(token)).StartLine, Does.StartWith("POST /v1/listen/ssh"));
        Assert.That(_time.GetUtcNow() - _time.Start, Is.LessThan(TimeSpan.FromSeconds(1)));
    }

    /// <summary>Takes one request and sends that; where it is nothing the connection is reset.</summary>
    private async Task DismissAsync(string answer, CancellationToken token)
    {
        using var peer = new InProcessPeer(await _relay.AcceptAsync(token));
        await peer.ReadMessageAsync(token);
        if (answer.Length == 0) peer.Reset();
        else await peer.SendAsync(answer, token);
    }

    private async Task<InProcessPeer> NextTryAsync(InProcessClientProxy client, CancellationToken token)
    {
        await client.Log.LineAsync("asked for again", token);
        Task<Socket> accepting = _relay.AcceptAsync(token);
        await AdvanceUntilAsync(() => accepting.IsCompleted, 0.01, token);
        return new InProcessPeer(await accepting);
    }

    private Task AdvanceUntilAsync(Func<bool> condition, double seconds, CancellationToken token) => InProcessWait.UntilAsync(
        () =>
        {
            if (!condition() && _time.Timers == WaitingTimers) _time.Advance(TimeSpan.FromSeconds(seconds));
            return condition();
        },
        "the next try comes",
        token);
}
