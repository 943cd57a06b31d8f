using NUnit.Framework;
using Ptth.Relay.Configuration;
using Ptth.Tests.Support;

namespace Ptth.Tests.Relay;

/// <summary>Listens and connects that wait: who gets what, and who is forgotten; and how a relay ends.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class WaitingTests : InProcessTest
{
    private readonly InProcessRelay _relay;

    public WaitingTests() => _relay = Own(new InProcessRelay());

    [Test]
    [CancelAfter(30_000)]
    public async Task A_listen_is_told_who_wants_its_port([Values("POST", "GET")] string method, [Values] bool listensFirst, CancellationToken token)
    {
        InProcessPeer listen = await _relay.OpenAsync(token);
        string request = InProcessRelay.Head(method, "listen/ssh", InProcessRelay.Home);
        if (listensFirst) await listen.SendAsync(request, token);
        InProcessPeer connect = await _relay.SendAsync("connect/home/ssh", InProcessRelay.Laptop, token);
        if (!listensFirst) await listen.SendAsync(request, token);
        PeerMessage answer = await listen.ReadMessageAsync(token);

        Assert.That((answer.Status, answer["Ptth-Client"], answer["Content-Length"]), Is.EqualTo((200, "laptop", "0")));
        Assert.That(answer["Ptth-Connection"], Does.Match("^[A-Za-z0-9_-]{22}$"));
        connect.Dispose();
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Listens_take_one_connection_each_the_oldest_first(CancellationToken token)
    {
        InProcessPeer[] listens = [await _relay.ListenAsync(token), await _relay.ListenAsync(token), await _relay.ListenAsync(token)];
        HashSet<string> ids = [];
        for (int i = 0; i < listens.Length; i++)
        {
            await _relay.SendAsync("connect/home/ssh", InProcessRelay.Laptop, token);
            ids.Add((await listens[i].ReadMessageAsync(token))["Ptth-Connection"]!);
            Assert.That(_relay.Rendezvous.WaitingListens(), Is.EqualTo(listens.Length - 1 - i));
        }

        Assert.That(ids, Has.Count.EqualTo(3));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_listen_that_went_away_is_not_handed_a_client([Values] PeerEnd how, [Values] bool hasBody, CancellationToken token)
    {
        InProcessPeer dead = await _relay.ListenAsync(token, fields: hasBody ? "Content-Length: 3\r\n" : "");
        if (hasBody) await dead.SendAsync("abc", token);
        InProcessPeer alive = await _relay.ListenAsync(token);
        if (how == PeerEnd.Reset) dead.Reset();
        else dead.Dispose();
        await InProcessWait.UntilAsync(() => _relay.Rendezvous.WaitingListens() == 1, "one listen waits", token);

        await _relay.SendAsync("connect/home/ssh", InProcessRelay.Laptop, token);

        Assert.That((await alive.ReadMessageAsync(token))["Ptth-Client"], Is.EqualTo("laptop"));
    }

    /// <summary>The relay's own connection is as ever: nothing tells it but that its bytes are not acknowledged.</summary>
    [Test]
    [Platform("Linux")]
    [CancelAfter(30_000)]
    public async Task A_client_that_was_told_to_a_host_that_is_gone_is_told_to_the_newest_listen(CancellationToken token)
    {
        InProcessPeer dead = await _relay.ListenAsync(token), old = await _relay.ListenAsync(token), alive = await _relay.ListenAsync(token);
        SilencedSocket.Silence(dead.Socket);
        SilencedSocket.Silence(old.Socket);
        await _relay.SendAsync("connect/home/ssh", InProcessRelay.Laptop, token);
        Task<PeerMessage> told = alive.ReadMessageAsync(token);

        // The kernel's clock tells how long nothing is acknowledged, the relay's when that is looked at.
        await Eventually.HoldsAsync(
            () =>
            {
                if (!told.IsCompleted) _relay.Advance(0.1);
                return told.IsCompleted;
            },
            () => "another listen is told",
            TimeSpan.FromSeconds(8),
            token);
        Assert.That((await told)["Ptth-Client"], Is.EqualTo("laptop"));
        Assert.That(_relay.Rendezvous.WaitingListens(), Is.EqualTo(1), "the newest was asked first");
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_listen_that_asks_again_has_given_its_former_self_up(CancellationToken token)
    {
        InProcessPeer former = await _relay.ListenAsync(token, fields: "Ptth-Listener: l1\r\n");
        await _relay.SendAsync("listen/ssh", InProcessRelay.Home, token, "Ptth-Listener: l1\r\n");

        Assert.That((await former.ReadMessageAsync(token)).Status, Is.EqualTo(204));
    }

    [TestCase("a b")]
    [TestCase("-x")]
    [TestCase("x123456789x123456789x123456789x123456789x123456789x123456789x123456789")]
    [CancelAfter(30_000)]
    public async Task What_is_no_name_is_left_out(string listener, CancellationToken token)
    {
        for (int i = 0; i < 2; i++) await _relay.ListenAsync(token, fields: $"Ptth-Listener: {listener}\r\n");
        Assert.That(_relay.Rendezvous.WaitingListens(), Is.EqualTo(2));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_listen_that_goes_away_while_it_is_handed_a_client_loses_nothing(CancellationToken token)
    {
        for (int i = 0; i < 30; i++)
        {
            InProcessPeer dying = await _relay.ListenAsync(token);
            Task leaving = Task.Run(dying.Reset, token);
            InProcessPeer connect = await _relay.SendAsync("connect/home/ssh", InProcessRelay.Laptop, token);
            await leaving;
            // Either the dying one was told, and took the answer to its grave, or the next one is.
            InProcessPeer next = await _relay.SendAsync("listen/ssh", InProcessRelay.Home, token, "Prefer: wait=1\r\n");
            int opened = i + 1;
            await InProcessWait.UntilAsync(
                () => _relay.Context.Tunnels.Look([]).Opened == opened && _relay.Rendezvous.WaitingOffers() == 0, "the offer is with somebody", token);
            connect.Dispose();
            next.Dispose();
            await InProcessWait.UntilAsync(() => _relay.IsEmpty, "all have gone", token);
        }

        Assert.That(_relay.Context.Tunnels.Open, Is.Zero);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_connect_that_went_away_is_not_handed_out([Values] PeerEnd how, CancellationToken token)
    {
        InProcessPeer dead = await _relay.ConnectAsync(token);
        if (how == PeerEnd.Reset) dead.Reset();
        else dead.Dispose();
        await InProcessWait.UntilAsync(() => _relay.Rendezvous.WaitingOffers() == 0 && _relay.Context.Tunnels.Open == 0, "no connect waits", token);

        await _relay.ListenAsync(token);

        Assert.That((_relay.Rendezvous.WaitingListens(), _relay.Context.Tunnels.Open), Is.EqualTo((1, 0)));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task What_a_connect_sends_is_dropped(CancellationToken token)
    {
        InProcessPeer connect = await _relay.SendAsync("connect/home/ssh", InProcessRelay.Laptop, token, "Transfer-Encoding: chunked\r\n");
        await connect.SendAsync("5\r\nhello\r\n0\r\n\r\n", token);
        PeerMessage listened = await _relay.AskAsync("listen/ssh", InProcessRelay.Home, token);
        InProcessPeer accept = await _relay.SendAsync($"accept/{listened["Ptth-Connection"]}", InProcessRelay.Home, token);

        Assert.That((await accept.ReadHeadAsync(token)).Status, Is.EqualTo(200));
        Assert.That((await connect.ReadHeadAsync(token)).Status, Is.EqualTo(200));
        connect.Dispose();
        await InProcessTunnel.AssertCutOffAsync([accept], token);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_connection_serves_poll_after_poll(CancellationToken token)
    {
        InProcessPeer listen = await _relay.OpenAsync(token);
        for (int i = 0; i < 10; i++)
        {
            await listen.SendAsync(InProcessRelay.Head("POST", "listen/ssh", InProcessRelay.Home, "Prefer: wait=1\r\n"), token);
            await _relay.UntilWaitingAsync(1, 0, token);
            if (i % 2 == 0)
            {
                _relay.Advance(1);
                Assert.That((await listen.ReadMessageAsync(token)).Status, Is.EqualTo(204));
                continue;
            }

            using InProcessPeer connect = await _relay.SendAsync("connect/home/ssh", InProcessRelay.Laptop, token);
            Assert.That((await listen.ReadMessageAsync(token)).Status, Is.EqualTo(200));
        }
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Connections_are_bounded(CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay(new RelayLimits { MaxConnections = 3 }));
        List<InProcessPeer> peers = [];
        for (int i = 0; i < 3; i++)
        {
            peers.Add(await relay.OpenAsync(token));
            // With a key: one without would be displaced.
            await peers[i].SendAsync(InProcessRelay.Head("POST", "connect/home/ssh", InProcessRelay.Laptop, "Prefer: wait=0\r\n"), token);
            Assert.That((await peers[i].ReadMessageAsync(token)).Status, Is.EqualTo(503));
        }

        Assert.That(await relay.OpenRefusedAsync(token), Is.EqualTo(PeerEnd.Reset));
        peers[0].Dispose();
        await InProcessWait.UntilAsync(() => relay.Server.Connections == 2, "two are connected", token);
        Assert.That((await relay.AskAsync("health", null, token, method: "GET")).Status, Is.EqualTo(200));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Draining_turns_new_tunnels_away_and_lets_open_ones_finish(CancellationToken token)
    {
        InProcessTunnel tunnel = await InProcessTunnel.OpenAsync(_relay, token);
        await tunnel.AssertCarriesAsync(token);
        InProcessPeer listen = await _relay.ListenAsync(token), connect = await _relay.ConnectAsync(token, "other"), idle = await _relay.OpenAsync(token);
        await idle.SendAsync(InProcessRelay.Head("GET", "health", null), token);
        await idle.ReadMessageAsync(token);

        Task<int> draining = _relay.Server.DrainAsync(CancellationToken.None);
        foreach (InProcessPeer waiting in new[] { listen, connect })
        {
            PeerMessage answer = await waiting.ReadMessageAsync(token);
            Assert.That((answer.Status, answer["Connection"], answer["Retry-After"] is null), Is.EqualTo((503, "close", false)));
        }

        Assert.That((await _relay.AskAsync("health", null, token, method: "GET")).Status, Is.EqualTo(503));
        Assert.That((await _relay.AskAsync("connect/home/ssh", InProcessRelay.Laptop, token)).Status, Is.EqualTo(503));
        Assert.That((await _relay.AskAsync("listen/ssh", InProcessRelay.Home, token)).Status, Is.EqualTo(503));
        await tunnel.AssertCarriesAsync(token);
        Assert.That(draining.IsCompleted, Is.False);
        await tunnel.EndUpAsync(token);
        await tunnel.EndDownAsync(token);
        // Who was told that the connection closes is given time to do so first.
        foreach (InProcessPeer peer in new[] { listen, connect, tunnel.Connect, tunnel.Accept, tunnel.Upstream, tunnel.Downstream }) peer.Dispose();

        Assert.That(await draining.ComesAsync(token), Is.Zero);
        Assert.That(await idle.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Fin)));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_tunnel_is_settled_with_its_fourth_request(CancellationToken token)
    {
        (InProcessPeer connect, string id) = await _relay.OfferAsync(token);
        InProcessPeer accept = await _relay.SendAsync($"accept/{id}", InProcessRelay.Home, token);
        await accept.ReadHeadAsync(token);
        await connect.ReadHeadAsync(token);
        const string Chunked = "Transfer-Encoding: chunked\r\n";
        await _relay.SendAsync($"upstream/{id}", InProcessRelay.Laptop, token, Chunked);
        await InProcessWait.UntilAsync(() => _relay.TunnelOf(id).Up.IsAttached, "one direction is attached", token);
        Task settled = _relay.Context.Tunnels.WhenSettledAsync();
        Assert.That(settled.IsCompleted, Is.False);

        await _relay.SendAsync($"downstream/{id}", InProcessRelay.Home, token, Chunked);

        await settled.ComesAsync(token);
        Assert.That(_relay.Context.Tunnels.Open, Is.EqualTo(1));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Stopping_breaks_off_what_is_open(CancellationToken token)
    {
        InProcessTunnel tunnel = await InProcessTunnel.OpenAsync(_relay, token);
        await tunnel.AssertCarriesAsync(token);
        (InProcessPeer offered, _) = await _relay.OfferAsync(token);
        using var stopping = new CancellationTokenSource();
        Task<int> draining = _relay.Server.DrainAsync(stopping.Token);
        Assert.That(draining.IsCompleted, Is.False);
        await stopping.CancelAsync();

        Assert.That(await draining.ComesAsync(token), Is.EqualTo(2));
        await InProcessTunnel.AssertCutOffAsync(tunnel.All.Values, token);
        (string text, _) = await offered.ReadToEndAsync(token);
        Assert.That(text, Is.Empty.Or.StartsWith("HTTP/1.1 503"));
    }
}
