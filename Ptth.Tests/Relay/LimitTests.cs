using System.Globalization;
using System.Net;
using NUnit.Framework;
using Ptth.Common.Protocol;
using Ptth.Relay.Configuration;
using Ptth.Tests.Support;

namespace Ptth.Tests.Relay;

/// <summary>What strangers may take of a relay: each bound, at the bound.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class LimitTests : InProcessTest
{
    private static readonly IPAddress Elsewhere = IPAddress.Parse("127.0.0.2");

    [Test]
    [CancelAfter(30_000)]
    public async Task A_newcomer_displaces_the_oldest_stranger_of_its_address_and_nobody_with_a_key(CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay(new RelayLimits { MaxUnauthenticatedPerAddress = 2 }));
        InProcessPeer known = await relay.ListenAsync(token);
        InProcessPeer silent = await EnterAsync(relay, token), half = await EnterAsync(relay, token);
        await half.SendAsync("GET /v1/hea", token);

        InProcessPeer health = await relay.OpenAsync(token);
        await health.SendAsync(InProcessRelay.Head("GET", "health", null), token);

        Assert.That(await silent.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Reset)));
        // Health needs no key and shows none.
        Assert.That((await health.ReadMessageAsync(token)).Status, Is.EqualTo(200));
        Assert.That(relay.Server.Unauthenticated, Is.EqualTo(2));
        Assert.That(await relay.Log.LineAsync("max_unauthenticated_per_address", token), Is.EqualTo("127.0.0.1: a connection was reset: max_unauthenticated_per_address was reached"));

        InProcessPeer next = await relay.OpenAsync(token);
        Assert.That(await half.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Reset)));
        // The listen is still there, and so is whoever shows a key in time.
        await next.SendAsync(InProcessRelay.Head("POST", "connect/home/ssh", InProcessRelay.Laptop), token);
        Assert.That((await known.ReadMessageAsync(token)).Status, Is.EqualTo(200));
        Assert.That(relay.Server.Unauthenticated, Is.EqualTo(1));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task When_all_places_of_strangers_are_taken_the_crowd_pays(CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay(new RelayLimits { MaxUnauthenticatedConnections = 3 }));
        InProcessPeer single = await EnterAsync(relay, token, Elsewhere);
        InProcessPeer first = await EnterAsync(relay, token), second = await EnterAsync(relay, token);
        relay.Advance(1);
        await relay.OpenAsync(token, IPAddress.Parse("127.0.0.3"));

        Assert.That(await first.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Reset)));
        foreach (InProcessPeer open in new[] { single, second })
        {
            await open.SendAsync(InProcessRelay.Head("GET", "health", null), token);
            Assert.That((await open.ReadMessageAsync(token)).Status, Is.EqualTo(200));
        }
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task An_address_has_its_bound_of_connections(CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay(new RelayLimits { MaxConnectionsPerAddress = 2 }));
        await relay.ListenAsync(token);
        await relay.ListenAsync(token);

        Assert.That(await relay.OpenRefusedAsync(token), Is.EqualTo(PeerEnd.Reset));
        Assert.That((await relay.AskAsync("health", null, token, method: "GET", from: Elsewhere)).Status, Is.EqualTo(200));
    }

    [TestCase(1024, 200)]
    [TestCase(1025, 431)]
    [CancelAfter(30_000)]
    public async Task A_head_has_its_bytes(int bytes, int status, CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay(new RelayLimits { MaxHeadBytes = 1024 }));
        InProcessPeer peer = await relay.OpenAsync(token);
        string head = InProcessRelay.Head("GET", "health", null, "X: \r\n");
        await peer.SendAsync(InProcessRelay.Head("GET", "health", null, $"X: {new string('x', bytes - head.Length)}\r\n"), token);

        Assert.That((await peer.ReadMessageAsync(token)).Status, Is.EqualTo(status));
    }

    [TestCase(8, 200)]
    [TestCase(9, 431)]
    [CancelAfter(30_000)]
    public async Task A_head_has_its_fields(int fields, int status, CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay(new RelayLimits { MaxHeadFields = 8 }));
        InProcessPeer peer = await relay.OpenAsync(token);
        await peer.SendAsync(InProcessRelay.Head("GET", "health", null, string.Concat(Enumerable.Repeat("X: y\r\n", fields - 1))), token);

        Assert.That((await peer.ReadMessageAsync(token)).Status, Is.EqualTo(status));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_server_has_its_bound_of_tunnels(CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay(new RelayLimits { MaxTunnelsPerServer = 2 }));
        await InProcessTunnel.OpenAsync(relay, token);
        InProcessPeer waiting = await relay.ConnectAsync(token);

        PeerMessage refused = await relay.AskAsync("connect/home/ssh", InProcessRelay.Laptop, token);
        InProcessPeer other = await relay.SendAsync("connect/office/ssh", InProcessRelay.Phone, token);
        await InProcessWait.UntilAsync(() => relay.Context.Tunnels.Open == 3, "another server's tunnel is open", token);
        waiting.Dispose();
        other.Dispose();
        await InProcessWait.UntilAsync(() => relay.Context.Tunnels.Open == 1, "one is left", token);

        Assert.That((refused.Status, refused["Retry-After"] is null), Is.EqualTo((429, false)));
        Assert.That((await relay.AskAsync("connect/home/ssh", InProcessRelay.Laptop, token, "Prefer: wait=0\r\n")).Status, Is.EqualTo(503));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task An_address_without_a_good_key_is_told_to_come_back_later_and_later(CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay(new RelayLimits { FailedAuthenticationsPerAddress = 2 }));
        PtthKey wrong = PtthKey.Generate();
        Assert.That((await relay.AskAsync("listen/ssh", wrong, token)).Status, Is.EqualTo(401));
        Assert.That((await relay.AskAsync("listen/ssh", null, token)).Status, Is.EqualTo(401));

        Assert.That(await RetryAfterAsync(wrong), Is.EqualTo((429, 5)));
        relay.Advance(1.5);
        Assert.That(await RetryAfterAsync(null), Is.EqualTo((429, 4)), "rounded up");
        relay.Advance(3.5);
        Assert.That(await RetryAfterAsync(wrong), Is.EqualTo((429, 10)));

        // Others at that address, health, and other addresses have nothing to do with it.
        Assert.That((await relay.AskAsync("connect/home/ssh", InProcessRelay.Laptop, token, "Prefer: wait=0\r\n")).Status, Is.EqualTo(503));
        Assert.That((await relay.AskAsync("health", null, token, method: "GET")).Status, Is.EqualTo(200));
        Assert.That((await relay.AskAsync("listen/ssh", wrong, token, from: Elsewhere)).Status, Is.EqualTo(401));
        Assert.That(await RetryAfterAsync(wrong), Is.EqualTo((429, 10)));

        async Task<(int Status, int Seconds)> RetryAfterAsync(PtthKey? key)
        {
            PeerMessage answer = await relay.AskAsync("listen/ssh", key, token);
            return (answer.Status, int.Parse(answer["Retry-After"]!, NumberStyles.None, CultureInfo.InvariantCulture));
        }
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_flood_of_requests_without_a_key_leaves_a_bounded_number_of_lines(CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay());
        InProcessPeer peer = await relay.OpenAsync(token);
        for (int i = 0; i < 100; i++)
        {
            await peer.SendAsync(InProcessRelay.Head("POST", "listen/ssh", null), token);
            Assert.That((await peer.ReadMessageAsync(token)).Status, Is.EqualTo(i < 20 ? 401 : 429));
        }

        Assert.That(relay.Log.Lines.Count(static line => line.Contains("refused", StringComparison.Ordinal)), Is.EqualTo(20));
        relay.Advance(10);
        await relay.AskAsync("nothing", null, token);
        Assert.That(relay.Log.Lines, Has.Some.StartsWith("80 more requests without a good key were refused"));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_flood_of_a_party_s_refused_requests_does_so_too_and_hides_no_other_party_s(CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay());
        for (int i = 0; i < 50; i++) await RefusedAsync(InProcessRelay.Laptop, "listen/ssh");
        Assert.That(Lines("(key: laptop)"), Is.EqualTo(20));
        await RefusedAsync(InProcessRelay.Home, "connect/home/ssh");
        Assert.That(Lines("(key: home)"), Is.EqualTo(1));

        relay.Advance(10);
        await RefusedAsync(InProcessRelay.Laptop, "listen/ssh");
        Assert.That((Lines("(key: laptop)"), relay.Log.Lines[^1]), Is.EqualTo((21, "30 more requests with the key of laptop were refused since the last of these lines")));

        int Lines(string text) => relay.Log.Lines.Count(line => line.Contains(text, StringComparison.Ordinal));

        async Task RefusedAsync(PtthKey key, string what) => Assert.That((await relay.AskAsync(what, key, token)).Status, Is.EqualTo(403));
    }

    /// <summary>Opens a connection for which there is a place, and waits until it is counted.</summary>
    private static async Task<InProcessPeer> EnterAsync(InProcessRelay relay, CancellationToken token, IPAddress? from = null)
    {
        int before = relay.Server.Unauthenticated;
        InProcessPeer peer = await relay.OpenAsync(token, from);
        await InProcessWait.UntilAsync(() => relay.Server.Unauthenticated > before, "the connection is counted", token);
        return peer;
    }
}
