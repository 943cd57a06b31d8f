using NUnit.Framework;
using Ptth.Tests.Support;

namespace Ptth.Tests.Server;

/// <summary>How long a server's connection waits for what. Deadlines are looked at once a second.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class ServerTimeoutTests : InProcessTest
{
    private const string Get = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";

    private InProcessServer _server = null!;

    [SetUp]
    public void Start() => _server = Own(new InProcessServer());

    [Test]
    [CancelAfter(30_000)]
    public async Task A_connection_that_says_nothing_is_closed_after_10_seconds(CancellationToken token)
    {
        ServedPeer served = _server.Connect();
        Advance(9);
        Assert.That(served.Running.IsCompleted, Is.False);
        Advance(1);

        await served.Running.ComesAsync(token);
        Assert.That(await served.Peer.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Fin)));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_head_takes_10_seconds_at_most_however_it_trickles(CancellationToken token)
    {
        ServedPeer served = _server.Connect();
        Advance(8);
        await served.Peer.SendAsync(Get[..1], token);
        await served.UntilIdleIsAsync(false, token);
        for (int i = 1; i < 10; i++)
        {
            Advance(1);
            await served.Peer.SendAsync(Get[i].ToString(), token);
        }

        Assert.That(served.Running.IsCompleted, Is.False);
        Advance(1);

        await served.Running.ComesAsync(token);
        Assert.That((await served.Peer.ReadToEndAsync(token)).End, Is.EqualTo(PeerEnd.Reset));
        Assert.That(_server.Handled, Is.Empty);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_head_in_time_is_served(CancellationToken token)
    {
        ServedPeer served = _server.Connect();
        await served.Peer.SendAsync(Get[..5], token);
        await served.UntilIdleIsAsync(false, token);
        Advance(9);
        await served.Peer.SendAsync(Get[5..], token);

        Assert.That((await served.Peer.ReadMessageAsync(token)).Text, Is.EqualTo("/x"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_connection_between_requests_is_closed_after_120_seconds(CancellationToken token)
    {
        ServedPeer served = await RestingAsync(token);
        Advance(119);
        Assert.That(served.Running.IsCompleted, Is.False);
        Advance(1);

        await served.Running.ComesAsync(token);
        Assert.That(await served.Peer.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Fin)));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_second_head_takes_10_seconds_at_most(CancellationToken token)
    {
        ServedPeer served = await RestingAsync(token);
        Advance(100);
        await served.Peer.SendAsync(Get[..9], token);
        await served.UntilIdleIsAsync(false, token);
        Advance(9);
        Assert.That(served.Running.IsCompleted, Is.False);
        Advance(1);

        await served.Running.ComesAsync(token);
        Assert.That((await served.Peer.ReadToEndAsync(token)).End, Is.EqualTo(PeerEnd.Reset));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task An_answer_that_is_not_taken_is_given_up_after_30_seconds(CancellationToken token)
    {
        ServedPeer served = _server.Connect(bufferBytes: 16 * 1024);
        await served.Peer.SendAsync("GET /large HTTP/1.1\r\nHost: a\r\n\r\n", token);
        await served.Peer.ReadHeadAsync(token);
        Advance(29);
        Assert.That(served.Running.IsCompleted, Is.False);
        Advance(1);

        await served.Running.ComesAsync(token);
        Assert.That((await served.Peer.ReadToEndAsync(token)).End, Is.EqualTo(PeerEnd.Reset));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task The_rest_of_a_refused_body_is_waited_for_5_seconds(CancellationToken token)
    {
        ServedPeer served = _server.Connect();
        await served.Peer.SendAsync("POST /error HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx", token);
        Assert.That((await served.Peer.ReadMessageAsync(token)).Status, Is.EqualTo(403));
        await served.Peer.SendAsync("\r\n1\r\n", token);
        await AdvanceWithinAsync(served, 5, token);

        Assert.That((await served.Peer.ReadToEndAsync(token)).Text, Is.Empty);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task The_rest_of_a_refused_body_that_trickles_is_not_waited_for_any_longer(CancellationToken token)
    {
        ServedPeer served = _server.Connect();
        await served.Peer.SendAsync("POST /error HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", token);
        Assert.That((await served.Peer.ReadMessageAsync(token)).Status, Is.EqualTo(403));
        await _server.UntilDeadlineIsAsync(served, TimeSpan.FromSeconds(5), token);
        for (int second = 0; second < 5; second++)
        {
            Assert.That(served.Running.IsCompleted, Is.False);
            await served.Peer.SendAsync("1\r\nx\r\n", token);
            Advance(1);
        }

        await served.Running.ComesAsync(token);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_peer_that_does_not_end_after_an_error_is_waited_for_5_seconds(CancellationToken token)
    {
        ServedPeer served = _server.Connect();
        await served.Peer.SendAsync("GET\r\n\r\n", token);
        Assert.That((await served.Peer.ReadMessageAsync(token)).Status, Is.EqualTo(400));
        Assert.That(await served.Peer.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Fin)));

        await AdvanceWithinAsync(served, 5, token);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_small_body_takes_10_seconds_at_most(CancellationToken token)
    {
        ServedPeer served = _server.Connect();
        await served.Peer.SendAsync("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n", token);
        await _server.UntilHandledAsync(1, token);

        await AdvanceWithinAsync(served, 10, token);
        Assert.That((await served.Peer.ReadToEndAsync(token)).End, Is.EqualTo(PeerEnd.Reset));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_handler_may_take_its_time(CancellationToken token)
    {
        InProcessPeer peer = _server.Connect().Peer;
        await peer.SendAsync("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n", token);
        await _server.UntilHandledAsync(1, token);
        Advance(3_600);
        _server.Gate.SetResult();

        Assert.That((await peer.ReadMessageAsync(token)).Text, Is.EqualTo("waited"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_stream_may_rest(CancellationToken token)
    {
        InProcessPeer peer = _server.Connect().Peer;
        await peer.SendAsync("POST /stream HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", token);
        await peer.ReadHeadAsync(token);
        await peer.SendChunkAsync("a", token);
        await peer.ReadDataAsync(1, token);
        Advance(3_600);
        await peer.SendChunkAsync("b", token);

        Assert.That(await peer.ReadDataAsync(1, token), Is.EqualTo("b"));
    }

    /// <summary>A connection that has served a request and waits for another.</summary>
    private async Task<ServedPeer> RestingAsync(CancellationToken token)
    {
        ServedPeer served = _server.Connect();
        await served.Peer.SendAsync(Get, token);
        await served.Peer.ReadMessageAsync(token);
        await served.UntilIdleIsAsync(true, token);
        return served;
    }

    private void Advance(int seconds) => _server.Time.Advance(TimeSpan.FromSeconds(seconds));

    /// <summary>Moves the clock, again where the deadline was set only after that, until the server gives the connection up.</summary>
    private async Task AdvanceWithinAsync(ServedPeer served, int seconds, CancellationToken token)
    {
        Advance(seconds - 1);
        Assert.That(served.Running.IsCompleted, Is.False);
        await _server.Time.AdvanceUntilAsync(served.Running, TimeSpan.FromSeconds(1), "the connection is given up", token);
    }
}
