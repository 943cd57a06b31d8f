using NUnit.Framework;
using Ptth.Relay.Configuration;
using Ptth.Tests.Support;

namespace Ptth.Tests.Relay;

/// <summary>Tunnels through a relay: how they carry bytes, and how they end.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class TunnelTests : InProcessTest
{
    private const string Chunked = "Transfer-Encoding: chunked\r\n";

    private static readonly string[] Exchanges = ["connect", "upstream", "accept", "downstream"];

    private readonly InProcessRelay _relay;

    public TunnelTests() => _relay = Own(new InProcessRelay());

    [Test]
    [CancelAfter(30_000)]
    public async Task Bytes_go_both_ways_as_they_come(CancellationToken token)
    {
        InProcessTunnel tunnel = await InProcessTunnel.OpenAsync(_relay, token);
        for (int i = 0; i < 20; i++)
        {
            await tunnel.AssertCarriesUpAsync($"up {i}", token);
            await tunnel.AssertCarriesDownAsync($"down {i}", token);
        }
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task The_end_of_one_direction_is_that_ones_alone([Values] bool upFirst, CancellationToken token)
    {
        InProcessTunnel tunnel = await InProcessTunnel.OpenAsync(_relay, token);
        await tunnel.AssertCarriesAsync(token);

        if (upFirst)
        {
            await tunnel.EndUpAsync(token);
            await tunnel.AssertCarriesDownAsync("still down", token);
            await tunnel.EndDownAsync(token);
        }
        else
        {
            await tunnel.EndDownAsync(token);
            await tunnel.AssertCarriesUpAsync("still up", token);
            await tunnel.EndUpAsync(token);
        }

        // All four exchanges are complete, and their connections serve further requests.
        foreach (InProcessPeer peer in tunnel.All.Values)
        {
            await peer.SendAsync(InProcessRelay.Head("GET", "health", null), token);
            Assert.That((await peer.ReadMessageAsync(token)).Status, Is.EqualTo(200));
        }

        Assert.That(_relay.Context.Tunnels.Open, Is.Zero);
        Assert.That(await _relay.Log.LineAsync("Completed", token), Does.Contain(tunnel.Id).And.Contain("laptop").And.Contain("home/ssh"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Nothing_of_the_senders_framing_is_handed_on(CancellationToken token)
    {
        InProcessTunnel tunnel = await InProcessTunnel.OpenAsync(_relay, token);
        await tunnel.Upstream.SendAsync("0005;secret=\"x\"\r\nhello\r\n0;e\r\nX-Trailer: secret\r\n\r\n", token);

        Assert.That(await tunnel.Accept.ReadThroughAsync("0\r\n\r\n", token), Is.EqualTo("5\r\nhello\r\n0\r\n\r\n"));
        Assert.That((await tunnel.Upstream.ReadMessageAsync(token)).Status, Is.EqualTo(200));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_body_with_a_length_is_a_stream_too([Values(0, 5)] int length, CancellationToken token)
    {
        (InProcessPeer connect, string id) = await _relay.OfferAsync(token);
        InProcessPeer accept = await _relay.SendAsync($"accept/{id}", InProcessRelay.Home, token);
        InProcessPeer upstream = await _relay.SendAsync($"upstream/{id}", InProcessRelay.Laptop, token, $"Content-Length: {length}\r\n");
        await upstream.SendAsync("hello"[..length], token);

        await accept.ReadHeadAsync(token);
        Assert.That(await accept.ReadChunkedBodyAsync(token), Has.Length.EqualTo(length));
        Assert.That((await upstream.ReadMessageAsync(token)).Status, Is.EqualTo(200));
        connect.Dispose();
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task The_streams_may_come_in_any_order([Values] bool upstreamFirst, [Values] bool beforeAccept, CancellationToken token)
    {
        (InProcessPeer connect, string id) = await _relay.OfferAsync(token);
        InProcessPeer? accept = beforeAccept ? null : await _relay.SendAsync($"accept/{id}", InProcessRelay.Home, token);
        var streams = new Dictionary<string, InProcessPeer>();
        foreach (string name in upstreamFirst ? new[] { "upstream", "downstream" } : ["downstream", "upstream"])
        {
            streams[name] = await _relay.SendAsync($"{name}/{id}", name == "upstream" ? InProcessRelay.Laptop : InProcessRelay.Home, token, Chunked);
            await streams[name].SendChunkAsync(name, token);
        }

        accept ??= await _relay.SendAsync($"accept/{id}", InProcessRelay.Home, token);
        await accept.ReadHeadAsync(token);
        await connect.ReadHeadAsync(token);

        Assert.That(await accept.ReadDataAsync("upstream".Length, token), Is.EqualTo("upstream"));
        Assert.That(await connect.ReadDataAsync("downstream".Length, token), Is.EqualTo("downstream"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_connection_that_ends_breaks_the_other_three_off(
        [ValueSource(nameof(Exchanges))] string which, [Values] PeerEnd how, CancellationToken token)
    {
        InProcessTunnel tunnel = await InProcessTunnel.OpenAsync(_relay, token);
        await tunnel.AssertCarriesAsync(token);
        InProcessPeer broken = tunnel.All[which];
        if (how == PeerEnd.Reset) broken.Reset();
        else broken.Dispose();

        await InProcessTunnel.AssertCutOffAsync(tunnel.All.Values.Except([broken]), token);
        string side = which is "connect" or "upstream" ? "ClientBroke" : "ServerBroke";
        Assert.That(await _relay.Log.LineAsync("ended", token), Does.Contain(side));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Broken_framing_is_answered_and_breaks_the_other_three_off([Values("upstream", "downstream")] string which, CancellationToken token)
    {
        InProcessTunnel tunnel = await InProcessTunnel.OpenAsync(_relay, token);
        await tunnel.AssertCarriesAsync(token);
        InProcessPeer sender = tunnel.All[which];
        await sender.SendAsync("5\r\nhelloX", token);

        PeerMessage answer = await sender.ReadMessageAsync(token);
        Assert.That((answer.Status, answer["Connection"]), Is.EqualTo((400, "close")));
        InProcessPeer[] others = [.. tunnel.All.Values.Except([sender])];
        InProcessPeer receiver = which == "upstream" ? tunnel.Accept : tunnel.Connect;
        (string text, PeerEnd end) = await receiver.ReadToEndAsync(token);
        Assert.That(("5\r\nhello\r\n".StartsWith(text, StringComparison.Ordinal), end), Is.EqualTo((true, PeerEnd.Reset)));
        await InProcessTunnel.AssertCutOffAsync(others.Except([receiver]), token);
        Assert.That(await _relay.Log.LineAsync("ended", token), Does.Contain(which == "upstream" ? "ClientInvalid" : "ServerInvalid"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_break_after_one_direction_ended_is_a_break([Values("connect", "downstream")] string which, CancellationToken token)
    {
        InProcessTunnel tunnel = await InProcessTunnel.OpenAsync(_relay, token);
        await tunnel.AssertCarriesAsync(token);
        await tunnel.EndUpAsync(token);
        tunnel.All[which].Reset();

        await InProcessTunnel.AssertCutOffAsync([which == "connect" ? tunnel.Downstream : tunnel.Connect], token);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_break_leaves_what_the_finished_direction_goes_on_with(CancellationToken token)
    {
        InProcessTunnel tunnel = await InProcessTunnel.OpenAsync(_relay, token);
        await tunnel.AssertCarriesAsync(token);
        await tunnel.EndUpAsync(token);
        // The connections of the direction that ended serve other requests by now.
        await tunnel.Upstream.SendAsync(InProcessRelay.Head("POST", "connect/home/other", InProcessRelay.Laptop), token);
        await tunnel.Accept.SendAsync(InProcessRelay.Head("POST", "listen/another", InProcessRelay.Home), token);
        await _relay.UntilWaitingAsync(1, 1, token);

        tunnel.Downstream.Reset();
        await InProcessTunnel.AssertCutOffAsync([tunnel.Connect], token);
        _relay.Advance(10);
        Assert.That((await tunnel.Upstream.ReadMessageAsync(token)).Status, Is.EqualTo(503));
        _relay.Advance(15);
        Assert.That((await tunnel.Accept.ReadMessageAsync(token)).Status, Is.EqualTo(204));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_client_that_goes_away_before_the_accept_takes_a_stream_that_came_early_with_it(CancellationToken token)
    {
        (InProcessPeer connect, string id) = await _relay.OfferAsync(token);
        InProcessPeer downstream = await _relay.SendAsync($"downstream/{id}", InProcessRelay.Home, token, Chunked);
        await downstream.SendChunkAsync("early", token);
        await InProcessWait.UntilAsync(() => _relay.TunnelOf(id).Down.Sender is not null, "the downstream has joined", token);
        connect.Dispose();

        await InProcessTunnel.AssertCutOffAsync([downstream], token);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_side_that_does_not_attach_is_not_waited_for([Values] bool upstream, CancellationToken token)
    {
        (InProcessPeer connect, string id) = await _relay.OfferAsync(token);
        InProcessPeer accept = await _relay.SendAsync($"accept/{id}", InProcessRelay.Home, token);
        InProcessPeer attached = upstream
            ? await _relay.SendAsync($"upstream/{id}", InProcessRelay.Laptop, token, Chunked)
            : await _relay.SendAsync($"downstream/{id}", InProcessRelay.Home, token, Chunked);
        await attached.SendChunkAsync("x", token);
        await connect.ReadHeadAsync(token);
        await accept.ReadHeadAsync(token);
        Assert.That(await (upstream ? accept : connect).ReadDataAsync(1, token), Is.EqualTo("x"));
        _relay.Advance(9);
        Assert.That(_relay.Context.Tunnels.Open, Is.EqualTo(1));
        _relay.Advance(1);

        await InProcessTunnel.AssertCutOffAsync([connect, accept, attached], token);
        Assert.That(await _relay.Log.LineAsync("ended", token), Does.Contain("NotAttached"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_tunnel_may_rest_for_a_day([Values] bool speaks, CancellationToken token)
    {
        InProcessTunnel tunnel = await InProcessTunnel.OpenAsync(_relay, token);
        await tunnel.AssertCarriesAsync(token);
        await _relay.NoteProgressAsync(tunnel.Id, 2, 4, token);
        if (speaks)
        {
            _relay.Advance(80_000);
            await tunnel.AssertCarriesUpAsync("x", token);
            await _relay.NoteProgressAsync(tunnel.Id, 3, 4, token);
        }

        _relay.Advance(86_399);
        Assert.That(_relay.Context.Tunnels.Open, Is.EqualTo(1));
        _relay.Advance(1);
        await InProcessTunnel.AssertCutOffAsync(tunnel.All.Values, token);
        Assert.That(await _relay.Log.LineAsync("ended", token), Does.Contain("Idle"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_tunnel_with_one_direction_ended_may_rest_for_five_minutes(CancellationToken token)
    {
        InProcessTunnel tunnel = await InProcessTunnel.OpenAsync(_relay, token);
        await tunnel.AssertCarriesAsync(token);
        await tunnel.EndUpAsync(token);
        Assert.That(_relay.TunnelOf(tunnel.Id).Up.HasEnded, Is.True);
        await _relay.NoteProgressAsync(tunnel.Id, 2, 4, token);
        _relay.Advance(200);
        await tunnel.AssertCarriesDownAsync("x", token);
        await _relay.NoteProgressAsync(tunnel.Id, 2, 5, token);
        _relay.Advance(299);
        Assert.That(_relay.Context.Tunnels.Open, Is.EqualTo(1));
        _relay.Advance(1);

        await InProcessTunnel.AssertCutOffAsync([tunnel.Connect, tunnel.Downstream], token);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Time_outs_may_be_turned_off(CancellationToken token)
    {
        TimeSpan off = Timeout.InfiniteTimeSpan;
        InProcessRelay relay = Own(new InProcessRelay(timeouts: new RelayTimeouts { Accept = off, Attach = off, Idle = off, HalfClosedIdle = off }));
        (InProcessPeer connect, string id) = await relay.OfferAsync(token);
        relay.Advance(100_000);
        InProcessPeer accept = await relay.SendAsync($"accept/{id}", InProcessRelay.Home, token);
        await accept.ReadHeadAsync(token);
        await connect.ReadHeadAsync(token);
        await relay.UntilStreamsAsync(id, token);
        relay.Advance(100_000);
        InProcessPeer upstream = await relay.SendAsync($"upstream/{id}", InProcessRelay.Laptop, token, Chunked);
        InProcessPeer downstream = await relay.SendAsync($"downstream/{id}", InProcessRelay.Home, token, Chunked);
        var tunnel = new InProcessTunnel(id, connect, upstream, accept, downstream);
        await tunnel.AssertCarriesAsync(token);
        await tunnel.EndUpAsync(token);
        relay.Advance(100_000);
        await tunnel.AssertCarriesDownAsync("x", token);
        await tunnel.EndDownAsync(token);
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Many_tunnels_at_once_each_carry_their_own(CancellationToken token)
    {
        const int Count = 60;
        InProcessTunnel[] tunnels = new InProcessTunnel[Count];
        for (int i = 0; i < Count; i++) tunnels[i] = await InProcessTunnel.OpenAsync(_relay, token);
        Assert.That(_relay.Context.Tunnels.Open, Is.EqualTo(Count));
        await Task.WhenAll(tunnels.Select(async (tunnel, i) =>
        {
            for (int round = 0; round < 5; round++)
            {
                await tunnel.AssertCarriesUpAsync($"up {i} {round}", token);
                await tunnel.AssertCarriesDownAsync($"down {i} {round}", token);
            }

            if (i % 3 == 0) tunnel.Connect.Reset();
            else if (i % 3 == 1) await tunnel.EndUpAsync(token);
            if (i % 3 == 1) await tunnel.EndDownAsync(token);
        }));

        await InProcessWait.UntilAsync(() => _relay.Context.Tunnels.Open == Count / 3, "a third is open", token);
        foreach (InProcessTunnel tunnel in tunnels.Where(static (_, i) => i % 3 == 2)) await tunnel.AssertCarriesAsync(token);
    }
}
