using System.Reflection;
using NUnit.Framework;
using Ptth.Http.Server;
using Ptth.Relay;
using Ptth.Relay.Admin;
using Ptth.Relay.Admin.Status;
using Ptth.Relay.Configuration;
using Ptth.Relay.Rendezvous;
using Ptth.Relay.Statistics;
using Ptth.Relay.Tunnels;
using Ptth.Tests.Support;
using End = Ptth.Relay.Tunnels.TunnelEnd;

namespace Ptth.Tests.Admin;

/// <summary>The bounds of the admin listener, and what the relay says at its own.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class AdminLimitTests : InProcessTest
{
    [Test]
    [CancelAfter(60_000)]
    public async Task Connections_over_the_bound_are_told_so_and_some_more_are_reset(CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay());
        InProcessAdmin admin = Own(new InProcessAdmin(relay));
        for (int i = 1; i <= AdminServer.MaxConnections + 16; i++)
        {
            InProcessPeer peer = await admin.OpenAsync(token);
            await peer.SendAsync(InProcessAdmin.Head("/nothing"), token);
            Assert.That((await peer.ReadMessageAsync(token)).Status, Is.EqualTo(i <= AdminServer.MaxConnections ? 404 : 503), $"connection {i}");
        }

        Assert.That(await admin.OpenRefusedAsync(token), Is.EqualTo(PeerEnd.Reset));
        Assert.That((await relay.AskAsync("health", null, token, method: "GET")).Status, Is.EqualTo(200), "the relay does not notice");
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_flood_on_the_relay_leaves_the_admin_listener_alone(CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay(new RelayLimits { MaxConnections = 1 }));
        InProcessAdmin admin = Own(new InProcessAdmin(relay));
        InProcessPeer known = await relay.ListenAsync(token);
        Assert.That(await relay.OpenRefusedAsync(token), Is.EqualTo(PeerEnd.Reset));
        // It is counted and told a moment after it was reset.
        await relay.Log.LineAsync("max_connections_per_address", token);

        StatusDocument status = await admin.StatusAsync(token);

        Assert.That((status.Connections, status.Rejected["max_connections_per_address"]), Is.EqualTo((new ConnectionsStatus(1, 0, 1), 1L)));
        known.Dispose();
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_reader_that_reads_nothing_is_dropped(CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay());
        InProcessAdmin admin = Own(new InProcessAdmin(relay));
        InProcessPeer slow = await admin.OpenAsync(token);
        slow.Socket.ReceiveBufferSize = 4096;
        await slow.SendAsync(InProcessAdmin.Head("/api/v1/events"), token);
        await InProcessWait.UntilAsync(() => admin.Connections == 1, "it is there", token);

        await InProcessWait.UntilAsync(
            () =>
            {
                relay.Advance(1);
                return admin.Connections == 0;
            },
            "the stream that nobody reads is cut off",
            token);
    }

    [Test]
    public void A_stream_that_is_behind_gets_the_newest_event_only()
    {
        using var ticker = new Ptth.Http.Transport.Ticker(new InProcessTime());
        int made = 0;
        var feed = new StatusFeed(() => new StatusDocument($"{++made}", default, default, 0, "running", [], [], new ConnectionsStatus(0, 0, 0), new BytesStatus(0, 0, 0, 0),
            new TunnelsStatus(0, 0, 0, 0, new Dictionary<string, long>()), [], [], [], 0, new Dictionary<string, long>(), []), ticker);
        feed.Publish();
        Assert.That(made, Is.Zero, "nobody asks");
        Assert.That(feed.TryOpen(), Is.True);

        (ReadOnlyMemory<byte> first, Task next) = feed.Newest();
        Assert.That(next.IsCompleted, Is.False);
        for (int i = 0; i < 3; i++) feed.Publish();

        Assert.That(next.IsCompleted, Is.True);
        (ReadOnlyMemory<byte> newest, Task later) = feed.Newest();
        Assert.That((Version(first), Version(newest), made, later.IsCompleted), Is.EqualTo(("1", "4", 4, false)), "all streams have the same one");

        static string Version(ReadOnlyMemory<byte> text) => System.Text.Encoding.UTF8.GetString(text.Span).Split('"')[3];
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task The_status_tells_a_thousand_tunnels_and_how_many_more_there_are(CancellationToken token)
    {
        const int count = StatusSource.MaxTunnels + 1;
        InProcessRelay relay = Own(new InProcessRelay(new RelayLimits { MaxTunnels = count, MaxTunnelsPerClient = count }));
        InProcessAdmin admin = Own(new InProcessAdmin(relay));
        var tunnels = new List<Tunnel>();
        for (int i = 0; i < count; i++)
        {
            Assert.That(relay.Context.Tunnels.TryCreate("laptop", new PortAddress("home", "ssh"), out Tunnel? tunnel, out _), Is.True);
            tunnels.Add(tunnel!);
            if (i == 0) relay.Time.Advance(TimeSpan.FromMilliseconds(10));
        }

        StatusDocument status = await admin.StatusAsync(token);

        Assert.That((status.OpenTunnels.Count, status.OpenTunnelsOmitted, status.Tunnels.Waiting, status.Clients[0].Tunnels), Is.EqualTo((1000, 1, count, count)));
        Assert.That(status.OpenTunnels.Select(static tunnel => tunnel.Id), Has.None.EqualTo(tunnels[0].Offer.Id.ToString()), "the oldest");
        tunnels.ForEach(static tunnel => tunnel.Fail(End.Stopping));
    }

    [TestCase(3, 9, 9, "max_tunnels")]
    [TestCase(9, 3, 9, "max_tunnels_per_client")]
    [TestCase(9, 9, 3, "max_tunnels_per_server")]
    [CancelAfter(30_000)]
    public async Task One_tunnel_too_many_is_told_which_limit_was_reached(int inAll, int ofClient, int ofServer, string limit, CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay(
            new RelayLimits { MaxTunnels = inAll, MaxTunnelsPerClient = ofClient, MaxTunnelsPerServer = ofServer }));
        InProcessAdmin admin = Own(new InProcessAdmin(relay));
        var connects = new List<InProcessPeer>();
        for (int i = 0; i < 3; i++) connects.Add(await relay.ConnectAsync(token));

        PeerMessage answer = await relay.AskAsync("connect/home/ssh", InProcessRelay.Laptop, token);

        Assert.That(answer.Status, Is.EqualTo(429));
        Assert.That(answer.Text, Does.Contain($"limit {limit})"));
        Assert.That(relay.Log.Lines, Has.Some.Contains($"refused with 429, {limit} (key: laptop)"));
        Assert.That((await admin.StatusAsync(token)).Rejected[limit], Is.EqualTo(1));
        connects.ForEach(static connect => connect.Dispose());
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task One_waiting_connect_too_many_is_told_which_limit_was_reached(CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay(new RelayLimits { MaxWaitingConnectsPerClient = 1 }));
        InProcessPeer connect = await relay.ConnectAsync(token);

        PeerMessage answer = await relay.AskAsync("connect/home/ssh", InProcessRelay.Laptop, token);

        Assert.That(answer.Status, Is.EqualTo(429));
        Assert.That(answer.Text, Does.Contain("limit max_waiting_connects_per_client)"));
        Assert.That(relay.Log.Lines, Has.Some.Contains("refused with 429, max_waiting_connects_per_client (key: laptop)"));
        connect.Dispose();
    }

    [Test]
    public void Every_refusal_is_counted_by_a_reason_that_is_known()
    {
        HttpResponse[] refusals =
        [
            .. typeof(Problems).GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic).Select(static field => field.GetValue(null)).OfType<HttpResponse>()
                .Where(static answer => answer != Problems.UnhealthyWhileDraining && answer != Problems.NotYetKnown),
        ];

        Assert.That(refusals, Has.Length.GreaterThan(20).And.All.Matches<HttpResponse>(static answer => answer?.Reason is { } reason && RefusalReasons.All.Contains(reason)));
    }

    [Test]
    public void Rates_are_right_where_the_counters_low_halves_begin_anew()
    {
        RateSample rate = RateSample.None;
        rate.Take(uint.MaxValue - 10L, 5, 0);
        Assert.That((rate.Up, rate.Down, rate.Total), Is.EqualTo(((double?)null, (double?)null, 0f)));

        rate.Take(uint.MaxValue + 90L, 5, 2);

        Assert.That((rate.Up, rate.Down), Is.EqualTo((50.0, 0.0)));
    }
}
