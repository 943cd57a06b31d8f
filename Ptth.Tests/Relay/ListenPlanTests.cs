using System.Net;
using System.Net.Sockets;
using NUnit.Framework;
using Ptth.Common.Hosting;
using Ptth.Relay.Configuration;
using Ptth.Relay.Listening;
using Ptth.Relay.Tls;
using Ptth.Tests.Support;

namespace Ptth.Tests.Relay;

/// <summary>Which of the service manager's sockets speaks what, and what is left to bind.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class ListenPlanTests : InProcessTest
{
    [TestCase("")]
    [TestCase("http")]
    [TestCase("ptth-relay.socket")]
    public void A_socket_takes_the_place_of_its_address(string name)
    {
        InheritedSocket given = Given(IPAddress.Loopback, name);
        var other = new IPEndPoint(IPAddress.Loopback, given.EndPoint.Port - 1);

        ListenPlan plan = Make(Config([given.EndPoint, other]), given);

        Assert.That((plan.Plain, plan.Tls), Is.EqualTo((new[] { given }, Array.Empty<InheritedSocket>())));
        Assert.That((plan.BindPlain, plan.BindTls), Is.EqualTo((new[] { other }, Array.Empty<IPEndPoint>())));
    }

    [TestCase("", false)]
    [TestCase("", true)]
    [TestCase("https", true)]
    public void One_for_TLS_is_known_by_its_address_or_its_name(string name, bool hasPlain)
    {
        InheritedSocket given = Given(IPAddress.Loopback, name);
        var plain = new IPEndPoint(IPAddress.Loopback, given.EndPoint.Port - 1);

        ListenPlan plan = Make(Config(hasPlain ? [plain] : [], [given.EndPoint]), given);

        Assert.That((plan.Plain, plan.Tls), Is.EqualTo((Array.Empty<InheritedSocket>(), new[] { given })));
        Assert.That((plan.BindPlain, plan.BindTls), Is.EqualTo((hasPlain ? new[] { plain } : [], Array.Empty<IPEndPoint>())));
    }

    [Test]
    public void One_for_all_addresses_covers_each([Values] bool v4Only)
    {
        InheritedSocket given = Given(v4Only ? IPAddress.Any : IPAddress.IPv6Any, "");
        int port = given.EndPoint.Port;
        IPEndPoint v4 = new(IPAddress.Any, port), v6 = new(IPAddress.IPv6Any, port), local = new(IPAddress.Loopback, port);

        Assert.That(Make(Config([v4, v6, local]), given).BindPlain, Is.EqualTo(v4Only ? new[] { v6 } : []));
    }

    [Test]
    public void A_named_one_needs_no_address_and_the_others_are_bound()
    {
        InheritedSocket given = Given(IPAddress.Loopback, "http");
        var configured = new IPEndPoint(IPAddress.Loopback, given.EndPoint.Port - 1);

        ListenPlan plan = Make(Config([configured], [new IPEndPoint(IPAddress.Loopback, 1)]), given);

        Assert.That((plan.Plain, plan.BindPlain, plan.BindTls.Count), Is.EqualTo((new[] { given }, new[] { configured }, 1)));
    }

    [TestCase("admin", true, false, "binds its address itself")]
    [TestCase("https", true, false, "has no [tls]")]
    [TestCase("http", false, true, "TLS alone")]
    [TestCase("", true, true, "by its name")]
    [TestCase("something.socket", true, true, "by its name")]
    public void One_that_nothing_wants_is_refused_with_the_remedy(string name, bool hasPlain, bool hasTls, string said)
    {
        InheritedSocket given = Given(IPAddress.Loopback, name);
        IPEndPoint plain = new(IPAddress.Loopback, 1), tls = new(IPAddress.Loopback, 2);

        bool made = ListenPlan.TryMake(Config(hasPlain ? [plain] : [], hasTls ? [tls] : null), [given], out _, out string? problem);

        Assert.That(made, Is.False);
        Assert.That(problem, Does.Contain(said).And.Contain(given.EndPoint.ToString()));
    }

    private static ListenPlan Make(RelayConfig config, InheritedSocket given)
    {
        Assert.That(ListenPlan.TryMake(config, [given], out ListenPlan? plan, out string? problem), Is.True, problem);
        return plan!;
    }

    private static RelayConfig Config(IReadOnlyList<IPEndPoint> plain, IReadOnlyList<IPEndPoint>? tls = null) => new()
    {
        Listen = plain,
        // No handshake is made here.
        Tls = tls is null ? null : new RelayTls(tls, null!, null!, null!),
        Servers = [],
        Clients = [],
    };

    private InheritedSocket Given(IPAddress address, string name)
    {
        var socket = Own(new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        if (address.AddressFamily == AddressFamily.InterNetworkV6) socket.DualMode = true;
        socket.Bind(new IPEndPoint(address, 0));
        socket.Listen();
        return new InheritedSocket(name, socket);
    }
}
