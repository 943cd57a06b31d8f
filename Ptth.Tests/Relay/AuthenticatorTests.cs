using System.Net;
using System.Text;
using NUnit.Framework;
using Ptth.Common.Protocol;
using Ptth.Http.Core;
using Ptth.Relay;
using Ptth.Relay.Configuration;

namespace Ptth.Tests.Relay;

/// <summary>Whose key a request carries.</summary>
internal sealed class AuthenticatorTests
{
    private static readonly PtthKey Server = PtthKey.Generate();
    private static readonly PtthKey Client = PtthKey.Generate();
    private static readonly string Text = Client.Reveal();

    private readonly Authenticator _authenticator = new(new RelayConfig
    {
        Listen = [new IPEndPoint(IPAddress.Loopback, 0)],
        Servers = [new ServerEntry("home", Server.Hash())],
        Clients = [new ClientEntry("laptop", Client.Hash(), [Pattern("home/ssh"), Pattern("office/*")])],
    });

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

    private Principal? Authenticate(string fields)
    {
        HeadScan scan = default;
        RequestHead.TryRead(Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: a\r\n{fields}\r\n"), HttpLimits.Default, ref scan, out RequestHead? head, out _, out _);
        return _authenticator.Authenticate(head!.Fields);
    }

    private static AllowPattern Pattern(string text) =>
        AllowPattern.TryParse(text, out AllowPattern? pattern) ? pattern : throw new ArgumentException(text, nameof(text));
}
