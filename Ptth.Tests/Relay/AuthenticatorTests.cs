using System.Net;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using Ptth.Common.Net;
using Ptth.Common.Protocol;
using Ptth.Http.Core;
using Ptth.Relay;
using Ptth.Relay.Admission;
using Ptth.Relay.Configuration;

namespace Ptth.Tests.Relay;

/// <summary>Whose key a request carries.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class AuthenticatorTests
{
    private static readonly PtthKey Server = PtthKey.Generate();
    private static readonly PtthKey Client = PtthKey.Generate();
    private static readonly string Text = Client.Reveal();

    private static readonly RelayConfig Config = new()
    {
        Listen = [new IPEndPoint(IPAddress.Loopback, 0)],
        Servers = [new ServerEntry("home", new PartyKey(Server.Hash()))],
        Clients = [new ClientEntry("laptop", new PartyKey(Client.Hash()), [Pattern("home/ssh"), Pattern("office/*")])],
    };

    private readonly FakeTimeProvider _time = new();
    private readonly Authenticator _authenticator;

    public AuthenticatorTests() => _authenticator = new Authenticator(Config, _time);

    private static readonly string[] Taken =
    [
        $"Authorization: Bearer {Text}\r\n",
        $"authorization: bearer {Text}\r\n",
        $"Authorization: BEARER   {Text}\r\n",
        $"X: y\r\nAuthorization: Bearer {Text}  \r\n",
    ];

    private static readonly string[] NotTaken =
    [
        "",
        "Authorization: \r\n",
        "Authorization: Bearer\r\n",
        "Authorization: Bearer \r\n",
        $"Authorization: {Text}\r\n",
        $"Authorization: Basic {Text}\r\n",
        $"Authorization: Bearer{Text}\r\n",
        $"Authorization: Bearer\t{Text}\r\n",
        $"Authorization: Bearer {Text}x\r\n",
        $"Authorization: Bearer {Text[..^1]}\r\n",
        $"Authorization: Bearer {Text.ToUpperInvariant()}\r\n",
        $"Authorization: Bearer {Text}, Bearer {Text}\r\n",
        $"Authorization: Bearer {Text}\r\nAuthorization: Bearer {Text}\r\n",
        $"Authorization: Bearer {PtthKey.Generate().Reveal()}\r\n",
        $"Authorization: Bearer {Client.Hash()}\r\n",
        $"Proxy-Authorization: Bearer {Text}\r\n",
    ];

    [TestCaseSource(nameof(Taken))]
    public void A_known_key_is_its_owners(string fields) => Assert.That(Authenticate(fields)?.Name, Is.EqualTo("laptop"));

    [TestCaseSource(nameof(NotTaken))]
    public void Anything_else_is_nobodys(string fields) => Assert.That(Authenticate(fields), Is.Null);

    [Test]
    public void A_server_is_no_client()
    {
        Principal server = Authenticate($"Authorization: Bearer {Server.Reveal()}\r\n")!;
        Assert.That((server.Name, server.IsServer, server.MayReach("home", "ssh")), Is.EqualTo(("home", true, false)));
    }

    [TestCase("home", "ssh", true)]
    [TestCase("home", "http", false)]
    [TestCase("office", "anything", true)]
    [TestCase("Home", "ssh", false)]
    [TestCase("*", "ssh", false)]
    public void A_client_may_reach_what_is_allowed(string server, string port, bool may)
    {
        Principal client = Authenticate(Taken[0])!;
        Assert.That((client.IsServer, client.MayReach(server, port)), Is.EqualTo((false, may)));
    }

    [Test]
    public void Servers_are_known_by_name() =>
        Assert.That((_authenticator.KnowsServer("home"), _authenticator.KnowsServer("laptop"), _authenticator.KnowsServer("office")), Is.EqualTo((true, false, false)));

    [TestCase("", KeyVerdict.Missing)]
    [TestCase("Authorization: Basic eA==\r\n", KeyVerdict.Missing)]
    [TestCase("Authorization: Bearer ptth_\r\n", KeyVerdict.Unknown)]
    public void The_verdict_tells_a_missing_key_from_an_unknown_one(string fields, KeyVerdict verdict) =>
        Assert.That(Judge(_authenticator, fields), Is.EqualTo(new Authentication(verdict, null, "none")));

    [Test]
    public void A_key_is_refused_from_the_moment_it_expires()
    {
        Authenticator authenticator = With(new PartyKey(Client.Hash(), _time.GetUtcNow() + TimeSpan.FromSeconds(10)));
        _time.Advance(TimeSpan.FromSeconds(10) - TimeSpan.FromTicks(1));
        Assert.That(Judge(authenticator, Taken[0]).Verdict, Is.EqualTo(KeyVerdict.Accepted));

        _time.Advance(TimeSpan.FromTicks(1));

        Assert.That(Judge(authenticator, Taken[0]), Is.EqualTo(new Authentication(KeyVerdict.Expired, null, "laptop")));
    }

    [Test]
    public void Two_keys_are_one_party_and_each_has_its_own_end()
    {
        PtthKey old = PtthKey.Generate();
        Authenticator authenticator = With(new PartyKey(Client.Hash()), new PartyKey(old.Hash(), _time.GetUtcNow() + TimeSpan.FromSeconds(10)));
        string oldFields = $"Authorization: Bearer {old.Reveal()}\r\n";
        Assert.That(Judge(authenticator, oldFields).Principal, Is.Not.Null.With.Property(nameof(Principal.Name)).EqualTo(Judge(authenticator, Taken[0]).Principal!.Name));

        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.That(Judge(authenticator, oldFields).Verdict, Is.EqualTo(KeyVerdict.Expired));
        Assert.That(Judge(authenticator, Taken[0]).Verdict, Is.EqualTo(KeyVerdict.Accepted));
    }

    [TestCase("10.1.2.3", true)]
    [TestCase("10.255.255.255", true)]
    [TestCase("11.0.0.0", false)]
    [TestCase("::ffff:10.1.2.3", true)]
    [TestCase("192.0.2.7", true)]
    [TestCase("192.0.2.8", false)]
    [TestCase("2001:db8:ffff::1", true)]
    [TestCase("2001:db9::1", false)]
    [TestCase(null, false)]
    public void A_key_comes_from_where_it_may(string? from, bool may)
    {
        Authenticator authenticator = With(new PartyKey(Client.Hash()), null, "10.0.0.0/8", "192.0.2.7", "2001:db8::/32");

        Authentication authentication = Judge(authenticator, Taken[0], from is null ? null : IPAddress.Parse(from));

        Assert.That((authentication.Verdict, authentication.Principal is not null, authentication.Owner),
            Is.EqualTo((may ? KeyVerdict.Accepted : KeyVerdict.WrongAddress, may, "laptop")));
    }

    private static Authentication Judge(Authenticator authenticator, string fields, IPAddress? from = null)
    {
        HeadScan scan = default;
        RequestHead.TryRead(Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: a\r\n{fields}\r\n"), HttpLimits.Default, ref scan, out RequestHead? head, out _, out _);
        return authenticator.Authenticate(head!.Fields, from);
    }

    private Principal? Authenticate(string fields) => Judge(_authenticator, fields).Principal;

    private Authenticator With(PartyKey key, PartyKey? oldKey = null, params string[] from) => new(
        Config with
        {
            Clients = [new ClientEntry("laptop", key, []) { OldKey = oldKey, AllowFrom = [.. from.Select(Range)] }],
        }, _time);

    private static IPNetwork Range(string text) => AddressRange.TryParse(text, out IPNetwork range) ? range : throw new ArgumentException(text, nameof(text));

    private static AllowPattern Pattern(string text) =>
        AllowPattern.TryParse(text, out AllowPattern? pattern) ? pattern : throw new ArgumentException(text, nameof(text));
}
