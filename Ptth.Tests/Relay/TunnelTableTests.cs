using System.Net;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using Ptth.Common.Protocol;
using Ptth.Http.Transport;
using Ptth.Relay.Configuration;
using Ptth.Relay.Rendezvous;
using Ptth.Relay.Tunnels;
using Ptth.Tests.Support;
using TunnelEnd = Ptth.Relay.Tunnels.TunnelEnd;

namespace Ptth.Tests.Relay;

/// <summary>Tunnels by their ID: counted, bounded, and remembered for a little while.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class TunnelTableTests : InProcessTest
{
    private static readonly PortAddress Ssh = new("home", "ssh");

    private readonly FakeTimeProvider _time = new();
    private readonly Ticker _ticker;
    private readonly TunnelTable _table;

    public TunnelTableTests()
    {
        _ticker = Own(new Ticker(_time));
        var config = new RelayConfig
        {
            Listen = [new IPEndPoint(IPAddress.Loopback, 0)],
            Servers = [],
            Clients = [],
            Limits = new RelayLimits { MaxTunnels = 3, MaxTunnelsPerClient = 2 },
        };
        _table = new TunnelTable(config, _ticker, NullLogger.Instance);
        _ticker.Add(_table);
    }

    [Test]
    public void A_client_has_its_bound_and_so_have_all()
    {
        Tunnel first = Create("laptop")!;
        Create("laptop");
        Assert.That(Create("laptop"), Is.Null);
        Create("phone");
        Assert.That((Create("phone"), _table.Open), Is.EqualTo(((Tunnel?)null, 3)));

        first.Fail(TunnelEnd.ClientBroke);

        Assert.That(_table.Open, Is.EqualTo(2));
        Assert.That(Create("laptop"), Is.Not.Null);
    }

    [Test]
    public void A_failed_tunnel_is_remembered_for_10_seconds()
    {
        Tunnel tunnel = Create("laptop")!;
        tunnel.Fail(TunnelEnd.ClientBroke);
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.That(_table.Find(tunnel.Offer.Id), Is.SameAs(tunnel));
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.That(_table.Find(tunnel.Offer.Id), Is.Null);
        Assert.That((ById(_table).Count, ByClient(_table).Count, _ticker.Count), Is.EqualTo((0, 0, 1)));
    }

    [Test]
    public void What_is_remembered_is_bounded()
    {
        ConnectionId[] ids = [.. Enumerable.Range(0, 10).Select(_ =>
        {
            Tunnel tunnel = Create("laptop")!;
            tunnel.Fail(TunnelEnd.NobodyListening);
            return tunnel.Offer.Id;
        })];

        Assert.That(ids.Count(id => _table.Find(id) is not null), Is.EqualTo(3));
    }

    [Test]
    public void Only_the_first_end_counts()
    {
        Tunnel tunnel = Create("laptop")!;
        tunnel.Fail(TunnelEnd.Idle);
        tunnel.Fail(TunnelEnd.Stopping);

        Assert.That((tunnel.End, tunnel.FailUnlessAccepted(TunnelEnd.NotAccepted), _table.Open), Is.EqualTo((TunnelEnd.Idle, false, 0)));
        Assert.That(tunnel.Accepted.Result, Is.False);
    }

    [Test]
    public void Empty_is_told_when_the_last_one_ends()
    {
        Assert.That(_table.WhenEmptyAsync().IsCompleted, Is.True);
        Tunnel one = Create("laptop")!, two = Create("phone")!;
        Task empty = _table.WhenEmptyAsync();
        one.Fail(TunnelEnd.Idle);
        Assert.That(empty.IsCompleted, Is.False);
        two.Fail(TunnelEnd.Idle);
        Assert.That(empty.IsCompleted, Is.True);

        Create("laptop");
        Task again = _table.WhenEmptyAsync();
        Assert.That(again.IsCompleted, Is.False);
        _table.FailAll(TunnelEnd.Stopping);
        Assert.That((again.IsCompleted, _table.Open), Is.EqualTo((true, 0)));
    }

    [Test]
    public void Settled_is_told_when_no_tunnel_waits_for_a_request()
    {
        Assert.That(_table.WhenSettledAsync().IsCompleted, Is.True);
        Tunnel one = Create("laptop")!, two = Create("phone")!;
        Task settled = _table.WhenSettledAsync();
        one.Fail(TunnelEnd.NobodyListening);
        one.Fail(TunnelEnd.Idle);
        Assert.That(settled.IsCompleted, Is.False);
        two.Fail(TunnelEnd.Idle);

        Assert.That(settled.IsCompleted, Is.True);
    }

    private Tunnel? Create(string client) => _table.TryCreate(client, Ssh, out Tunnel? tunnel, out _) ? tunnel : null;

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_tunnels")]
    private static extern ref Dictionary<ConnectionId, Tunnel> ById(TunnelTable table);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_openByClient")]
    private static extern ref Dictionary<string, int> ByClient(TunnelTable table);
}
