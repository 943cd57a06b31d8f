using System.Collections.Concurrent;
using System.Net;
using NUnit.Framework;
using Ptth.Common.Protocol;
using Ptth.Common.Toml;
using Ptth.Relay.Configuration;
using Ptth.Tests.Support;

namespace Ptth.Tests.Reloading;

/// <summary>A relay that reads another configuration while it runs.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class RelayReloadTests : InProcessTest
{
    private static readonly PtthKey Fresh = PtthKey.Generate();

    private readonly InProcessRelay _relay;

    public RelayReloadTests() => _relay = Own(new InProcessRelay());

    [Test]
    [CancelAfter(30_000)]
    public async Task Who_was_added_is_known_at_once_and_who_was_removed_no_longer(CancellationToken token)
    {
        Assert.That((await _relay.AskAsync("listen/ssh", Fresh, token)).Status, Is.EqualTo(401));
        _relay.Reload(config => config with { Servers = [.. config.Servers.Skip(1), new ServerEntry("new", new PartyKey(Fresh.Hash()))] });

        Assert.That((await _relay.AskAsync("listen/ssh", InProcessRelay.Home, token)).Status, Is.EqualTo(401));
        Task<PeerMessage> listen = _relay.AskAsync("listen/ssh", Fresh, token, "Prefer: wait=1\r\n");
        await _relay.UntilWaitingAsync(1, 0, token);
        _relay.Advance(1);
        Assert.That((await listen).Status, Is.EqualTo(204));
        Assert.That(_relay.Log.Lines, Does.Contain("configuration read again: server new added, server home removed"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_tunnel_ends_when_its_clients_key_is_gone_and_others_go_on([Values] bool serversKey, CancellationToken token)
    {
        InProcessTunnel tunnel = await InProcessTunnel.OpenAsync(_relay, token);
        await tunnel.AssertCarriesAsync(token);
        InProcessPeer other = await _relay.SendAsync("listen/ssh", InProcessRelay.Office, token);
        await _relay.UntilWaitingAsync(1, 0, token);

        _relay.Reload(config => serversKey
            ? config with { Servers = [config.Servers[1], new ServerEntry("home", new PartyKey(Fresh.Hash()))] }
            : config with { Clients = [.. config.Clients.Skip(1)] });

        await InProcessTunnel.AssertCutOffAsync(tunnel.All.Values, token);
        await _relay.Log.LineAsync($"tunnel {tunnel.Id} from laptop to home/ssh ended: KeyGone", token);
        Assert.That(_relay.Rendezvous.WaitingListens(), Is.EqualTo(1));
        other.Dispose();
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_tunnel_stays_whose_key_became_the_old_one_or_whose_allow_is_gone(CancellationToken token)
    {
        InProcessTunnel tunnel = await InProcessTunnel.OpenAsync(_relay, token);
        _relay.Reload(config => config with
        {
            Servers = [new ServerEntry("home", new PartyKey(Fresh.Hash())) { OldKey = config.Servers[0].Key }, config.Servers[1]],
            Clients = [new ClientEntry("laptop", config.Clients[0].Key, []), config.Clients[1]],
            Limits = new RelayLimits { MaxTunnels = 1, MaxConnections = 1, MaxTunnelsPerClient = 1 },
        });

        await tunnel.AssertCarriesAsync(token);
        await tunnel.EndUpAsync(token);
        await tunnel.EndDownAsync(token);
        Assert.That(_relay.Log.Lines, Has.One.EqualTo(
            "configuration read again: server home changed (key, old key), client laptop changed (allow), "
            + "limits.max_connections 4096 to 1, limits.max_connections_per_address 3072 to 1, limits.max_tunnels 1000 to 1, "
            + "limits.max_tunnels_per_client 500 to 1, limits.max_tunnels_per_server 1000 to 1"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task What_waits_with_a_key_that_is_gone_gets_401_and_what_waits_with_another_stays(CancellationToken token)
    {
        InProcessPeer listen = await _relay.ListenAsync(token, port: "other");
        InProcessPeer stays = await _relay.ListenAsync(token, key: InProcessRelay.Office);
        InProcessPeer connect = await _relay.ConnectAsync(token);

        _relay.Reload(config => config with { Servers = [config.Servers[1]], Clients = [config.Clients[1]] });

        Assert.That((await listen.ReadMessageAsync(token)).Status, Is.EqualTo(401));
        Assert.That((await connect.ReadMessageAsync(token)).Status, Is.EqualTo(401));
        Assert.That((_relay.Rendezvous.WaitingListens(), _relay.Rendezvous.WaitingOffers()), Is.EqualTo((1, 0)));
        stays.Dispose();
    }

    /// <remarks>The connection is used again: the answer was one like any other.</remarks>
    [Test]
    [CancelAfter(30_000)]
    public async Task A_connect_that_a_server_has_taken_gets_401_when_its_key_is_gone(CancellationToken token)
    {
        (InProcessPeer connect, string id) = await _relay.OfferAsync(token);
        _relay.Reload(config => config with { Clients = [config.Clients[1]] });
        Assert.That((await connect.ReadMessageAsync(token)).Status, Is.EqualTo(401));
        Assert.That((await _relay.AskAsync($"accept/{id}", InProcessRelay.Home, token)).Status, Is.EqualTo(410));
        await connect.SendAsync(InProcessRelay.Head("GET", "health", null), token);
        Assert.That((await connect.ReadMessageAsync(token)).Status, Is.EqualTo(200));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Lowered_limits_turn_newcomers_away_and_close_nothing(CancellationToken token)
    {
        InProcessTunnel tunnel = await InProcessTunnel.OpenAsync(_relay, token);
        InProcessPeer waits = await _relay.ListenAsync(token);
        _relay.Reload(config => config with { Limits = config.Limits with { MaxTunnels = 1, MaxWaitingListensPerServer = 1, FailedAuthenticationsPerAddress = 1 } });

        Assert.That((await _relay.AskAsync("connect/home/ssh", InProcessRelay.Laptop, token)).Status, Is.EqualTo(429));
        InProcessPeer newcomer = await _relay.SendAsync("listen/ssh", InProcessRelay.Home, token);
        Assert.That((await waits.ReadMessageAsync(token)).Status, Is.EqualTo(429), "of listens it is the oldest that goes");
        newcomer.Dispose();
        Assert.That((await _relay.AskAsync("listen/ssh", null, token)).Status, Is.EqualTo(401));
        Assert.That((await _relay.AskAsync("listen/ssh", null, token)).Status, Is.EqualTo(429));
        await tunnel.AssertCarriesAsync(token);
        waits.Dispose();
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_lowered_bound_of_connections_turns_newcomers_away(CancellationToken token)
    {
        InProcessTunnel tunnel = await InProcessTunnel.OpenAsync(_relay, token);
        _relay.Reload(config => config with { Limits = config.Limits with { MaxConnections = 4 } });
        await InProcessWait.UntilAsync(() => _relay.Server.Connections == 4, "the tunnel's four connections are the only ones", token);
        Assert.That(await _relay.OpenRefusedAsync(token), Is.EqualTo(PeerEnd.Reset));
        await tunnel.AssertCarriesAsync(token);
        _relay.Reload(config => config with { Limits = new RelayLimits() });
        Assert.That((await _relay.AskAsync("listen/-", InProcessRelay.Home, token)).Status, Is.EqualTo(400));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Time_outs_count_for_what_comes(CancellationToken token)
    {
        _relay.Reload(config => config with { Timeouts = config.Timeouts with { ListenWait = TimeSpan.FromSeconds(2), KeepAlive = TimeSpan.FromSeconds(3) } });
        InProcessPeer listen = await _relay.ListenAsync(token);
        _relay.Advance(2);
        Assert.That((await listen.ReadMessageAsync(token)).Status, Is.EqualTo(204));
        // The relay waits for the next request at some time from now on, so that nobody knows when its three seconds begin; but they are not 120.
        Task<(string Text, PeerEnd End)> ends = listen.ReadToEndAsync(token);
        TimeSpan passed = await _relay.Time.AdvanceUntilAsync(ends, TimeSpan.FromSeconds(0.1), "the connection is closed", token);
        Assert.That((await ends).End, Is.EqualTo(PeerEnd.Fin));
        Assert.That(passed.TotalSeconds, Is.InRange(2, 100));
    }

    [Test]
    public void One_that_is_not_valid_changes_nothing_and_tells_every_problem()
    {
        RelayConfig before = _relay.Context.Config;
        _relay.Reload(_ => throw new ConfigException([new ConfigProblem("relay.toml", 3, "listen", "first"), new ConfigProblem("relay.toml", 7, "server.name", "second")]));
        Assert.That(_relay.Context.Config, Is.SameAs(before));
        Assert.That(_relay.Log.Lines, Is.EqualTo(new[]
        {
            "relay.toml:3: listen: first", "relay.toml:7: server.name: second",
            "the configuration cannot be used (2 problems, see above); nothing was changed",
        }));
        Assert.That((_relay.Context.Reloads.Taken, _relay.Context.Reloads.Refused), Is.EqualTo((0, 1)));
        _relay.Log.Forget();
    }

    [Test]
    public void What_needs_a_restart_is_named_each_time_and_the_rest_is_taken()
    {
        RelayConfig before = _relay.Context.Config;
        for (int i = 0; i < 2; i++)
        {
            _relay.Reload(config => config with
            {
                Listen = [new IPEndPoint(IPAddress.Loopback, 1)],
                BasePath = "/other",
                Admin = new AdminEntry(new IPEndPoint(IPAddress.Loopback, 2), null),
                Limits = config.Limits with { MaxTunnels = 7 + i },
            });
        }

        RelayConfig now = _relay.Context.Config;
        Assert.That((now.Listen, now.BasePath, now.Limits.MaxTunnels), Is.EqualTo((before.Listen, before.BasePath, 8)));
        Assert.That(_relay.Log.Lines.Where(static line => line.Contains("restart", StringComparison.Ordinal)), Is.EqualTo(Enumerable.Repeat(
            "configuration read again: listen, base_path, admin differs from what is in force and needs a restart; everything else is taken", 2)));
        Assert.That(_relay.Context.Reloads.Taken, Is.EqualTo(2));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_connection_whose_key_is_gone_is_a_strangers_again(CancellationToken token)
    {
        using InProcessPeer peer = await _relay.OpenAsync(token);
        string ask = InProcessRelay.Head("POST", "listen/-", InProcessRelay.Home);
        await peer.SendAsync(ask, token);
        Assert.That((await peer.ReadMessageAsync(token)).Status, Is.EqualTo(400));
        Assert.That(_relay.Server.Unauthenticated, Is.Zero);

        _relay.Reload(static config => config with { Servers = [config.Servers[1]] });
        await peer.SendAsync(ask, token);
        Assert.That((await peer.ReadMessageAsync(token)).Status, Is.EqualTo(401));
        Assert.That(_relay.Server.Unauthenticated, Is.EqualTo(1));
    }

    /// <remarks>
    /// In the one configuration the client may reach home, which is there: nobody listens, 503. In the other it may not, and home is not
    /// there: 403. A request that saw the rights of the one and the servers of the other would get 404.
    /// </remarks>
    [Test]
    [CancelAfter(60_000)]
    public async Task No_request_of_a_flood_sees_two_configurations(CancellationToken token)
    {
        RelayConfig one = _relay.Context.Config;
        RelayConfig two = one with { Servers = [one.Servers[1]], Clients = [new ClientEntry("laptop", one.Clients[0].Key, [])] };
        using var flooding = CancellationTokenSource.CreateLinkedTokenSource(token);
        var answers = new ConcurrentDictionary<int, bool>();
        Task[] floods = [.. Enumerable.Range(0, 4).Select(_ => FloodAsync(answers, flooding.Token, token))];
        // On a busy machine all of them may pass between two requests of the flood.
        for (int i = 0; i < 2000 || answers.Count < 2; i++)
        {
            token.ThrowIfCancellationRequested();
            _relay.Reload(i % 2 == 0 ? _ => two : _ => one);
            if (i % 10 == 0) await Task.Yield();
        }

        await flooding.CancelAsync();
        await Task.WhenAll(floods);
        Assert.That(answers.Keys.Order(), Is.EqualTo(new[] { 403, 503 }), "both were seen, and nothing else");
    }

    private async Task FloodAsync(ConcurrentDictionary<int, bool> answers, CancellationToken flooding, CancellationToken token)
    {
        using InProcessPeer peer = await _relay.OpenAsync(token);
        // One before and one after the reloads in any case.
        do
        {
            await peer.SendAsync(InProcessRelay.Head("POST", "connect/home/ssh", InProcessRelay.Laptop, "Prefer: wait=0\r\n"), token);
            answers[(await peer.ReadMessageAsync(token)).Status] = true;
        }
        while (!flooding.IsCancellationRequested);
    }
}
