using System.Net;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using Ptth.Common.Protocol;
using Ptth.Tests.Support;

namespace Ptth.Tests.Proxy;

/// <summary>TCP connections through both proxies and a relay, all in this process.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class ProxiesTests : InProcessTest
{
    private readonly FakeTimeProvider _time = new();
    private readonly InProcessRelay _relay;
    private readonly TcpService _target;

    public ProxiesTests()
    {
        // One that goes away and comes back has to find its port free.
        _relay = Own(new InProcessRelay(listen: FreePort.Take()));
        _target = Own(new TcpService());
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Bytes_and_clean_ends_go_both_ways([Values] bool clientFirst, CancellationToken token)
    {
        await using InProcessServerProxy server = await ServeAsync(token);
        await using InProcessClientProxy client = NewClient();
        (InProcessPeer local, InProcessPeer far) = await OpenAsync(client, token);
        for (int i = 0; i < 5; i++) await AssertCarriesAsync(local, far, token);

        (InProcessPeer first, InProcessPeer second) = clientFirst ? (local, far) : (far, local);
        first.SendFin();
        Assert.That(await second.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Fin)));
        await second.SendAsync("the answer", token);
        Assert.That(Encoding.ASCII.GetString(await first.ReadExactlyAsync(10, token)), Is.EqualTo("the answer"));
        second.SendFin();
        Assert.That(await first.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Fin)));

        await client.WhenEmptyAsync().ComesAsync(token);
        Assert.That(await client.Log.LineAsync("ended", token), Does.Contain("Completed"));
        Assert.That(await server.Log.LineAsync("ended", token), Does.Contain("Completed"));
        Assert.That(await _relay.Log.LineAsync("ended", token), Does.Contain("Completed"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Resets_go_both_ways([Values] bool byClient, [Values] bool afterFin, CancellationToken token)
    {
        await using InProcessServerProxy server = await ServeAsync(token);
        await using InProcessClientProxy client = NewClient();
        (InProcessPeer local, InProcessPeer far) = await OpenAsync(client, token);
        await AssertCarriesAsync(local, far, token);
        (InProcessPeer resets, InProcessPeer sees) = byClient ? (local, far) : (far, local);
        if (afterFin)
        {
            sees.SendFin();
            Assert.That(await resets.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Fin)));
        }

        resets.Reset();

        Assert.That(await sees.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Reset)));
        await client.WhenEmptyAsync().ComesAsync(token);
        await InProcessWait.UntilAsync(() => _relay.Context.Tunnels.Open == 0, "the relay has none left", token);
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Bulk_arrives_bit_for_bit_after_the_senders_end(CancellationToken token)
    {
        const int Bytes = 20_000_000;
        await using InProcessServerProxy server = await ServeAsync(token);
        await using InProcessClientProxy client = NewClient();
        (InProcessPeer local, InProcessPeer far) = await OpenAsync(client, token);
        var up = new Pattern(1);
        var down = new Pattern(2);
        Task sending = SendAsync(local, up), answering = SendAsync(far, down);

        StreamEnd atFar = await far.Socket.ReceivePatternAsync(up, token), atLocal = await local.Socket.ReceivePatternAsync(down, token);
        await Task.WhenAll(sending, answering);

        Assert.That((atFar, atLocal), Is.EqualTo((new StreamEnd(Bytes, EndKind.Clean), new StreamEnd(Bytes, EndKind.Clean))));

        async Task SendAsync(InProcessPeer peer, Pattern pattern)
        {
            await peer.Socket.SendPatternAsync(pattern, Bytes, token);
            peer.SendFin();
        }
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Tunnels_one_after_the_other_use_the_same_connections(CancellationToken token)
    {
        await using InProcessServerProxy server = await ServeAsync(token);
        await using InProcessClientProxy client = NewClient();
        HashSet<int> connections = [];
        for (int i = 0; i < 10; i++)
        {
            (InProcessPeer local, InProcessPeer far) = await OpenAsync(client, token);
            await AssertCarriesAsync(local, far, token);
            local.SendFin();
            Assert.That((await far.ReadToEndAsync(token)).End, Is.EqualTo(PeerEnd.Fin));
            far.SendFin();
            Assert.That((await local.ReadToEndAsync(token)).End, Is.EqualTo(PeerEnd.Fin));
            await client.WhenEmptyAsync().ComesAsync(token);
            await InProcessWait.UntilAsync(() => _relay.Rendezvous.WaitingListens() == 1 && server.Log.Lines.Count(static line => line.Contains("ended", StringComparison.Ordinal)) == i + 1, "the next listen waits", token);
            connections.Add(_relay.Server.Connections);
        }

        // One listens, and four serve each tunnel; the server's side may need one more until the first listen has come back.
        Assert.That(connections.Max(), Is.LessThanOrEqualTo(6));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_burst_waits_for_no_new_listen(CancellationToken token)
    {
        const int Burst = 12;
        using TcpService echo = TcpService.Echo();
        await using InProcessServerProxy server = await ServeAsync(token, echo.EndPoint, listens: 4);
        await using InProcessClientProxy client = NewClient();
        InProcessPeer[] locals = [.. Enumerable.Range(0, Burst).Select(_ => client.Connect())];

        await Task.WhenAll(locals.Select(async (local, i) =>
        {
            await local.SendAsync($"burst {i}", token);
            local.SendFin();
            Assert.That(await local.ReadToEndAsync(token), Is.EqualTo(($"burst {i}", PeerEnd.Fin)));
        }));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_target_that_refuses_is_rejected_with_the_reason(CancellationToken token)
    {
        await using InProcessServerProxy server = await ServeAsync(token, FreePort.Take());
        await using InProcessClientProxy client = NewClient();
        InProcessPeer local = client.Connect();

        Assert.That(await local.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Reset)));
        Assert.That(await client.Log.LineAsync("no tunnel", token), Does.Contain("502 (Target refused: The target of port ssh refused the connection.)"));
        Assert.That(await server.Log.LineAsync("rejected", token), Does.Contain("refused").And.Contain("laptop"));
        PeerMessage byHand = await _relay.AskAsync("connect/home/ssh", InProcessRelay.Laptop, token);
        Assert.That(Problem.TryParse(byHand.Body, out Problem? problem), Is.True);
        Assert.That((byHand.Status, problem!.Type), Is.EqualTo((502, ProblemTypes.TargetRefused)));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Nobody_listening_resets_after_the_wait(CancellationToken token)
    {
        await using InProcessClientProxy client = NewClient();
        InProcessPeer local = client.Connect();
        await _relay.UntilWaitingAsync(0, 1, token);
        _relay.Advance(10);

        Assert.That(await local.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Reset)));
        Assert.That(await client.Log.LineAsync("no tunnel", token), Does.Contain("503").And.Contain("home/ssh"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_client_has_its_bound_of_tunnels(CancellationToken token)
    {
        await using InProcessServerProxy server = await ServeAsync(token);
        await using InProcessClientProxy client = NewClient(maxTunnels: 2);
        (InProcessPeer first, InProcessPeer firstFar) = await OpenAsync(client, token);
        await OpenAsync(client, token);

        Assert.That(await client.Connect().ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Reset)));
        Assert.That(await client.Log.LineAsync("no tunnel", token), Does.Contain("max_tunnels"));
        first.Reset();
        Assert.That((await firstFar.ReadToEndAsync(token)).End, Is.EqualTo(PeerEnd.Reset));
        await client.WhenServedAsync(first).ComesAsync(token);
        await AssertCarriesAsync(await OpenAsync(client, token), token);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_server_has_its_bound_of_tunnels(CancellationToken token)
    {
        await using InProcessServerProxy server = await ServeAsync(token, places: 2);
        await using InProcessClientProxy client = NewClient();
        (InProcessPeer local, InProcessPeer far) = await OpenAsync(client, token);
        await OpenAsync(client, token);

        // With no place left it does not listen, and a client waits.
        InProcessPeer third = client.Connect();
        await InProcessWait.UntilAsync(() => _relay.Rendezvous.WaitingOffers() == 1, "a connect waits", token);
        Assert.That(_relay.Rendezvous.WaitingListens(), Is.Zero);
        local.Reset();
        Assert.That((await far.ReadToEndAsync(token)).End, Is.EqualTo(PeerEnd.Reset));
        InProcessPeer thirdFar = await AcceptAsync(token);
        await AssertCarriesAsync(third, thirdFar, token);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_key_that_is_not_known_is_said_with_the_remedy(CancellationToken token)
    {
        await using InProcessServerProxy server = new(_relay.EndPoint, _target.EndPoint, _time, key: PtthKey.Generate());
        await using InProcessClientProxy client = NewClient(key: PtthKey.Generate());

        Assert.That(await server.Log.LineAsync("cannot be used", token), Does.Contain("401").And.Contain("ptth-relay hash").And.Contain("next try in 0."));
        Assert.That(await client.Connect().ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Reset)));
        Assert.That(await client.Log.LineAsync("no tunnel", token), Does.Contain("401"));
        Assert.That(server.IsServed, Is.False);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task The_first_listens_are_answered_soon_and_later_ones_wait(CancellationToken token)
    {
        await using InProcessServerProxy server = await ServeAsync(token, listens: 3);
        Assert.That(server.IsServed, Is.False);
        _relay.Advance(1);
        await InProcessWait.UntilAsync(() => server.IsServed, "all loops were answered", token);
        await _relay.UntilWaitingAsync(3, 0, token);

        _relay.Advance(24);
        Assert.That(_relay.Rendezvous.WaitingListens(), Is.EqualTo(3));
        _relay.Advance(1);
        await _relay.UntilWaitingAsync(3, 0, token);
        Assert.That(server.Log.Lines, Is.Empty);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Draining_lets_tunnels_finish(CancellationToken token)
    {
        await using InProcessServerProxy server = await ServeAsync(token, listens: 2);
        await using InProcessClientProxy client = NewClient();
        (InProcessPeer local, InProcessPeer far) = await OpenAsync(client, token);
        await server.DrainAsync();
        await server.Loops.ComesAsync(token);
        await InProcessWait.UntilAsync(() => _relay.Rendezvous.WaitingListens() == 0, "nobody listens", token);

        Assert.That(server.WhenEmptyAsync().IsCompleted, Is.False);
        await AssertCarriesAsync(local, far, token);
        local.SendFin();
        Assert.That((await far.ReadToEndAsync(token)).End, Is.EqualTo(PeerEnd.Fin));
        far.SendFin();
        await server.WhenEmptyAsync().ComesAsync(token);
        Assert.That((await local.ReadToEndAsync(token)).End, Is.EqualTo(PeerEnd.Fin));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Stopping_resets_both_ends([Values] bool clients, CancellationToken token)
    {
        await using InProcessServerProxy server = await ServeAsync(token);
        await using InProcessClientProxy client = NewClient();
        (InProcessPeer local, InProcessPeer far) = await OpenAsync(client, token);
        await AssertCarriesAsync(local, far, token);

        await (clients ? client.StopAsync() : server.StopAsync());

        foreach (InProcessPeer end in new[] { local, far }) Assert.That(await end.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Reset)));
        Assert.That(await (clients ? client.Log : server.Log).LineAsync("ended", token), Does.Contain("Stopping"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_relay_that_goes_away_resets_both_ends_and_is_found_again(CancellationToken token)
    {
        await using InProcessServerProxy server = await ServeAsync(token, listens: 2);
        await using InProcessClientProxy client = NewClient();
        (InProcessPeer local, InProcessPeer far) = await OpenAsync(client, token);
        await AssertCarriesAsync(local, far, token);
        IPEndPoint endPoint = _relay.EndPoint;

        _relay.Server.Dispose();
        foreach (InProcessPeer end in new[] { local, far }) Assert.That(await end.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Reset)));
        await server.Log.LineAsync("cannot be used", token);
        // In vain for all of the wait.
        Task<(string, PeerEnd End)> inVain = client.Connect().ReadToEndAsync(token);
        await InProcessWait.UntilAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(0.5));
                return inVain.IsCompleted;
            },
            "the connection is given up",
            token);
        Assert.That((await inVain).End, Is.EqualTo(PeerEnd.Reset));

        InProcessRelay again = Own(new InProcessRelay(listen: endPoint));
        // In steps short enough that no listen is late by this clock. The answer to the first listen tells that the relay is back.
        await _time.AdvanceUntilAsync(again.UntilWaitingAsync(2, 0, token), TimeSpan.FromSeconds(0.1), "the server is back", token);
        again.Advance(1);
        await server.Log.LineAsync("can be used again", token);
        await again.UntilWaitingAsync(2, 0, token);
        await AssertCarriesAsync(await OpenAsync(client, token), token);
        Assert.That(server.Log.Lines.Count(static line => line.Contains("can be used again", StringComparison.Ordinal)), Is.EqualTo(1));
    }

    private async Task<InProcessServerProxy> ServeAsync(CancellationToken token, IPEndPoint? target = null, int listens = 1, int places = 1000)
    {
        var server = new InProcessServerProxy(_relay.EndPoint, target ?? _target.EndPoint, _time, listens, places);
        await _relay.UntilWaitingAsync(listens, 0, token);
        return server;
    }

    private InProcessClientProxy NewClient(int maxTunnels = 1000, PtthKey? key = null) => new(_relay.EndPoint, _time, maxTunnels, key);

    private async Task<(InProcessPeer Local, InProcessPeer Far)> OpenAsync(InProcessClientProxy client, CancellationToken token)
    {
        InProcessPeer local = client.Connect();
        return (local, await AcceptAsync(token));
    }

    private async Task<InProcessPeer> AcceptAsync(CancellationToken token)
    {
        var far = Own(new InProcessPeer(await _target.AcceptAsync(token)));
        await Task.Yield();
        return far;
    }

    private static Task AssertCarriesAsync((InProcessPeer Local, InProcessPeer Far) tunnel, CancellationToken token) =>
        AssertCarriesAsync(tunnel.Local, tunnel.Far, token);

    private static async Task AssertCarriesAsync(InProcessPeer local, InProcessPeer far, CancellationToken token)
    {
        await local.SendAsync("to the target", token);
        Assert.That(Encoding.ASCII.GetString(await far.ReadExactlyAsync(13, token)), Is.EqualTo("to the target"));
        await far.SendAsync("to the client", token);
        Assert.That(Encoding.ASCII.GetString(await local.ReadExactlyAsync(13, token)), Is.EqualTo("to the client"));
    }
}
