using NUnit.Framework;
using Ptth.Common.Protocol;
using Ptth.Relay.Admin;
using Ptth.Relay.Admin.Status;
using Ptth.Tests.Support;

namespace Ptth.Tests.Admin;

/// <summary>What the admin listener answers.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class AdminServerTests : InProcessTest
{
    private const string AdminField = "Ptth-Admin: 1\r\n";

    [Test]
    [CancelAfter(30_000)]
    public async Task Health_and_readiness(CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay());
        InProcessAdmin admin = Own(new InProcessAdmin(relay));
        Assert.That((await admin.AskAsync("/healthz", token)).Text, Is.EqualTo("ok\n"));
        Assert.That((await admin.AskAsync("/readyz", token, "HEAD")).Status, Is.EqualTo(200));

        relay.Context.StartDraining();

        Assert.That((await admin.AskAsync("/healthz", token)).Status, Is.EqualTo(200));
        Assert.That((await admin.AskAsync("/readyz", token)).Status, Is.EqualTo(503));
        Assert.That((await admin.StatusAsync(token)).State, Is.EqualTo("draining"));
    }

    [TestCase("/", "GET", 200)]
    [TestCase("/", "POST", 405)]
    [TestCase("/nothing", "GET", 404)]
    [TestCase("/api/v1/status/", "GET", 404)]
    [TestCase("/api/v1/events", "HEAD", 405)]
    [TestCase("/api/v1/tunnels/close", "POST", 404)]
    [TestCase("/api/v1/tunnels//close", "POST", 404)]
    [TestCase("/api/v1/tunnels/AAAAAAAAAAAAAAAAAAAAAA/close", "POST", 404)]
    [TestCase("/api/v1/tunnels/AAAAAAAAAAAAAAAAAAAAAA/close", "GET", 405)]
    [CancelAfter(30_000)]
    public async Task Paths_and_methods(string path, string method, int status, CancellationToken token)
    {
        InProcessAdmin admin = Own(new InProcessAdmin(Own(new InProcessRelay())));

        PeerMessage answer = await admin.AskAsync(path, token, method, AdminField);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(answer.Status, Is.EqualTo(status));
            Assert.That(answer["Cache-Control"], Is.EqualTo("no-store"));
            Assert.That(answer["X-Content-Type-Options"], Is.EqualTo("nosniff"));
            Assert.That(answer["X-Frame-Options"], Is.EqualTo("DENY"));
            Assert.That(answer["Referrer-Policy"], Is.EqualTo("no-referrer"));
            Assert.That(answer["Content-Security-Policy"], Does.StartWith("default-src 'none'; ").And.Contains("frame-ancestors 'none'"));
            Assert.That(answer.Head, Does.Not.Contain("Access-Control"));
        }
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_tunnel_appears_grows_and_goes(CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay());
        InProcessAdmin admin = Own(new InProcessAdmin(relay));
        InProcessPeer events = await admin.WatchAsync(token);
        StatusDocument atFirst = await InProcessAdmin.ReadEventAsync(events, token);
        Assert.That((atFirst.State, atFirst.OpenTunnels.Count, atFirst.Tunnels.OpenedTotal), Is.EqualTo(("running", 0, 0L)));
        Assert.That(atFirst.Servers.Select(static server => (server.Name, server.Online, server.Since, server.Ports.Count)),
            Is.EqualTo(new (string, bool, DateTimeOffset?, int)[] { ("home", false, null, 0), ("office", false, null, 0) }));

        InProcessTunnel tunnel = await InProcessTunnel.OpenAsync(relay, token);
        await tunnel.AssertCarriesAsync(token);
        await relay.NoteProgressAsync(tunnel.Id, 2, 4, token);
        await InProcessAdmin.ReadEventAsync(events, token);
        await tunnel.AssertCarriesUpAsync(new string('x', 998), token);
        await relay.NoteProgressAsync(tunnel.Id, 1000, 4, token);
        StatusDocument moved = await InProcessAdmin.ReadEventAsync(events, token);

        TunnelStatus told = moved.OpenTunnels.Single();
        using (Assert.EnterMultipleScope())
        {
            Assert.That((told.Id, told.Client, told.Server, told.Port, told.State), Is.EqualTo((tunnel.Id, "laptop", "home", "ssh", "open")));
            Assert.That((told.BytesUp, told.BytesDown, told.RateUp, told.RateDown), Is.EqualTo((1000L, 4L, 998.0, 0.0)));
            Assert.That((moved.Bytes.Up, moved.Bytes.Down, moved.Bytes.RateUp), Is.EqualTo((1000L, 4L, 998.0)));
            Assert.That(moved.Throughput[^1], Is.EqualTo(new ThroughputSample(1, 998, 0)));
            Assert.That(moved.Servers[0].Ports.Single(), Is.EqualTo(new PortStatus("ssh", true, moved.Servers[0].Since, 0, 1)));
            Assert.That(moved.Clients, Is.EqualTo(new[] { new ClientStatus("laptop", 1), new ClientStatus("phone", 0) }));
            Assert.That((moved.Tunnels.Open, moved.Tunnels.Waiting, moved.Tunnels.Ended["completed"]), Is.EqualTo((1, 0, 0L)));
        }

        await tunnel.EndUpAsync(token);
        await tunnel.EndDownAsync(token);
        relay.Advance(1);
        StatusDocument after = await InProcessAdmin.ReadEventAsync(events, token);
        Assert.That((after.OpenTunnels.Count, after.Bytes.Up, after.Tunnels.Ended["completed"], after.Tunnels.Open), Is.EqualTo((0, 1000L, 1L, 0)));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task An_operator_closes_a_tunnel(CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay());
        InProcessAdmin admin = Own(new InProcessAdmin(relay));
        InProcessTunnel tunnel = await InProcessTunnel.OpenAsync(relay, token);
        await tunnel.AssertCarriesAsync(token);
        string path = $"/api/v1/tunnels/{tunnel.Id}/close";
        Assert.That((await admin.FreshStatusAsync(token)).Tunnels.Ended["closed"], Is.Zero);

        Assert.That((await admin.AskAsync(path, token, "POST")).Status, Is.EqualTo(403), "without the header");
        Assert.That((await admin.AskAsync(path, token, "POST", AdminField)).Status, Is.EqualTo(204));

        await InProcessTunnel.AssertCutOffAsync(tunnel.All.Values, token);
        Assert.That((await admin.AskAsync(path, token, "POST", AdminField)).Status, Is.EqualTo(404), "it has ended");
        // The clock has stood still: to whoever has closed a tunnel no status from before is told.
        Assert.That((await admin.FreshStatusAsync(token)).Tunnels.Ended["closed"], Is.EqualTo(1));
        Assert.That(relay.TunnelOf(tunnel.Id).End, Is.EqualTo(Ptth.Relay.Tunnels.TunnelEnd.Closed));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task With_a_key_all_but_health_needs_it(CancellationToken token)
    {
        var key = PtthKey.Generate();
        InProcessAdmin admin = Own(new InProcessAdmin(Own(new InProcessRelay()), key));
        string bearer = $"Authorization: Bearer {key.Reveal()}\r\n", basic = InProcessAdmin.Basic("me:" + key.Reveal());
        foreach (string path in new[] { "/", "/api/v1/status", "/nothing" })
        {
            PeerMessage refused = await admin.AskAsync(path, token);
            Assert.That((refused.Status, refused["WWW-Authenticate"]), Is.EqualTo((401, "Basic realm=\"ptth-relay\"")));
            Assert.That(refused.Head, Does.Contain("WWW-Authenticate: Bearer\r\n"));
            Assert.That((await admin.AskAsync(path, token, fields: bearer)).Status, Is.EqualTo(path == "/nothing" ? 404 : 200));
            Assert.That((await admin.AskAsync(path, token, fields: basic)).Status, Is.EqualTo(path == "/nothing" ? 404 : 200));
        }

        Assert.That((await admin.AskAsync("/healthz", token)).Status, Is.EqualTo(200));
        Assert.That((await admin.AskAsync("/readyz", token)).Status, Is.EqualTo(200));
        Assert.That((await admin.AskAsync("/", token, fields: "Host: relay.example\r\n" + bearer)).Status, Is.EqualTo(200), "a name is no danger with a key");
    }

    [TestCase("Authorization: Bearer x\r\n")]
    [TestCase("Authorization: Basic ====\r\n")]
    [TestCase("Authorization: Basic bm8tY29sb24=\r\n")]
    [CancelAfter(30_000)]
    public async Task What_is_no_key_is_401_and_429_when_it_goes_on(string field, CancellationToken token)
    {
        InProcessAdmin admin = Own(new InProcessAdmin(Own(new InProcessRelay(new() { FailedAuthenticationsPerAddress = 2 })), PtthKey.Generate()));
        Assert.That((await admin.AskAsync("/", token, fields: field)).Status, Is.EqualTo(401));
        Assert.That((await admin.AskAsync("/", token, fields: field)).Status, Is.EqualTo(401));

        PeerMessage answer = await admin.AskAsync("/", token, fields: field);

        Assert.That((answer.Status, answer["Retry-After"]), Is.EqualTo((429, "5")));
    }

    [TestCase("127.0.0.1:8081", 200)]
    [TestCase("localhost", 200)]
    [TestCase("LOCALHOST:8081", 200)]
    [TestCase("[::1]:8081", 200)]
    [TestCase("192.0.2.7", 200)]
    [TestCase("relay.example", 421)]
    [TestCase("localhost.relay.example:8081", 421)]
    [TestCase("127.0.0.1.relay.example", 421)]
    [CancelAfter(30_000)]
    public async Task Without_a_key_names_are_refused(string host, int status, CancellationToken token)
    {
        InProcessAdmin admin = Own(new InProcessAdmin(Own(new InProcessRelay())));

        Assert.That((await admin.AskAsync("/api/v1/status", token, fields: $"Host: {host}\r\n")).Status, Is.EqualTo(status));
        Assert.That((await admin.AskAsync("/healthz", token, fields: $"Host: {host}\r\n")).Status, Is.EqualTo(200));
    }

    [TestCase("/api/v1/status", "same-origin", 200)]
    [TestCase("/api/v1/status", "none", 200)]
    [TestCase("/api/v1/status", "same-site", 403)]
    [TestCase("/api/v1/status", "cross-site", 403)]
    [TestCase("/", "cross-site", 200)]
    [CancelAfter(30_000)]
    public async Task Requests_of_other_sites_pages_are_refused(string path, string site, int status, CancellationToken token)
    {
        InProcessAdmin admin = Own(new InProcessAdmin(Own(new InProcessRelay())));

        Assert.That((await admin.AskAsync(path, token, fields: $"Sec-Fetch-Site: {site}\r\n")).Status, Is.EqualTo(status));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Streams_of_events_are_bounded_and_their_places_come_back(CancellationToken token)
    {
        InProcessAdmin admin = Own(new InProcessAdmin(Own(new InProcessRelay())));
        var streams = new List<InProcessPeer>();
        for (int i = 0; i < StatusFeed.MaxStreams; i++) streams.Add(await admin.WatchAsync(token));
        Assert.That((await admin.AskAsync("/api/v1/events", token)).Status, Is.EqualTo(503));

        streams[0].Dispose();

        await InProcessWait.UntilAsync(() => admin.Connections == StatusFeed.MaxStreams - 1, "the stream has ended", token);
        await InProcessAdmin.ReadEventAsync(await admin.WatchAsync(token), token);
    }
}
