using System.Net;
using NUnit.Framework;
using Ptth.Common.Protocol;
using Ptth.Relay.Configuration;
using Ptth.Tests.Support;

namespace Ptth.Tests.Relay;

/// <summary>A relay whose peer at 127.0.0.1 is a reverse proxy that it trusts, and that at 127.0.0.2 is anybody.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class TrustedProxyTests : InProcessTest
{
    private static readonly IPAddress Anybody = IPAddress.Parse("127.0.0.2");

    private readonly InProcessRelay _relay;

    public TrustedProxyTests() => _relay = Own(new InProcessRelay(
        new RelayLimits { FailedAuthenticationsPerAddress = 1, MaxUnauthenticatedPerAddress = 2, MaxConnectionsPerAddress = 2 },
        change: static (config, _) => config with
        {
            TrustedProxies = [IPNetwork.Parse("127.0.0.1/32")],
            Servers = [new ServerEntry("home", new PartyKey(InProcessRelay.Home.Hash())) { AllowFrom = [IPNetwork.Parse("192.0.2.7/32")] }],
        }));

    [Test]
    [CancelAfter(30_000)]
    public async Task What_it_tells_decides_where_a_key_may_come_from(CancellationToken token)
    {
        Assert.That(await AskAsync("192.0.2.7", InProcessRelay.Home, null, token), Is.EqualTo(404));
        Assert.That(await AskAsync("198.51.100.9, 192.0.2.7", InProcessRelay.Home, null, token), Is.EqualTo(404));
        Assert.That(await AskAsync("192.0.2.7, 198.51.100.9", InProcessRelay.Home, null, token), Is.EqualTo(401));
        Assert.That(await AskAsync("unknown", InProcessRelay.Home, null, token), Is.EqualTo(401));
        Assert.That(_relay.Log.Lines.Select(static line => line.Split(':')[0]), Is.EqualTo(new[] { "198.51.100.9", "127.0.0.1" }));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task What_anybody_else_tells_does_not_count(CancellationToken token)
    {
        Assert.That(await AskAsync("192.0.2.7", InProcessRelay.Home, Anybody, token), Is.EqualTo(401));
        Assert.That(_relay.Log.Lines.Single(), Does.StartWith("127.0.0.2:").And.Contains("not allowed from this address"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Failures_count_by_client(CancellationToken token)
    {
        List<int> statuses = [];
        foreach (string client in new[] { "192.0.2.1", "192.0.2.1", "192.0.2.2", "192.0.2.1" })
            statuses.Add(await AskAsync(client, PtthKey.Generate(), null, token));
        Assert.That(statuses, Is.EqualTo(new[] { 401, 429, 401, 429 }));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Its_connections_have_no_bound_of_an_address(CancellationToken token)
    {
        List<InProcessPeer> peers = [];
        for (int i = 0; i < 5; i++) peers.Add(await _relay.OpenAsync(token));
        foreach (InProcessPeer peer in peers)
        {
            await peer.SendAsync(InProcessRelay.Head("GET", "health", null), token);
            Assert.That((await peer.ReadMessageAsync(token)).Status, Is.EqualTo(200));
        }

        Assert.That(_relay.Server.Unauthenticated, Is.EqualTo(5));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task One_that_is_taken_away_is_believed_no_longer(CancellationToken token)
    {
        _relay.Reload(static config => config with { TrustedProxies = [] });

        Assert.That(await AskAsync("192.0.2.7", InProcessRelay.Home, null, token), Is.EqualTo(401));
        Assert.That(_relay.Log.Lines, Does.Contain("configuration read again: trusted_proxies"));
    }

    /// <summary>The status of a request that needs a server's key: 404 with one that is good, since there is no such connection.</summary>
    private async Task<int> AskAsync(string forwardedFor, PtthKey key, IPAddress? from, CancellationToken token) => (await _relay.AskAsync(
        "accept/AAAAAAAAAAAAAAAAAAAAAA", key, token, $"X-Forwarded-For: {forwardedFor}\r\nContent-Length: 0\r\n", from: from)).Status;
}
