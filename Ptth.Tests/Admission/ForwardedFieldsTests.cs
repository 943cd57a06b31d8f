using System.Net;
using System.Text;
using Bogus;
using NUnit.Framework;
using Ptth.Http.Core;
using Ptth.Relay.Admission;
using Ptth.Tests.Core;

namespace Ptth.Tests.Admission;

/// <summary>Whom a trusted reverse proxy speaks for. Trusted are 10.0.0.0/8 and 2001:db8:1::/48; "-" is the peer's own address.</summary>
[Parallelizable(ParallelScope.All)]
internal sealed class ForwardedFieldsTests
{
    private static readonly IPNetwork[] Trusted = [IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("2001:db8:1::/48")];

    [TestCase("", "-", Description = "Nothing is told")]
    [TestCase("X-Forwarded-For: 192.0.2.1", "192.0.2.1")]
    [TestCase("x-forwarded-for:   192.0.2.1 ", "192.0.2.1")]
    [TestCase("X-Forwarded-For: 198.51.100.9, 192.0.2.1", "192.0.2.1", Description = "What the client says stands at the left")]
    [TestCase("X-Forwarded-For: 198.51.100.9, 192.0.2.1, 10.1.2.3, 10.0.0.1", "192.0.2.1", Description = "Trusted proxies behind each other")]
    [TestCase("X-Forwarded-For: 198.51.100.9\r\nX-Forwarded-For: 192.0.2.1", "192.0.2.1", Description = "Lines count in their order")]
    [TestCase("X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-For: 10.0.0.1", "192.0.2.1")]
    [TestCase("X-Forwarded-For: 10.0.0.2, 10.0.0.1", "10.0.0.2", Description = "A trusted proxy's own request")]
    [TestCase("X-Forwarded-For: 192.0.2.1,, ,", "192.0.2.1")]
    [TestCase("X-Forwarded-For: ,", "-")]
    [TestCase("X-Forwarded-For: 192.0.2.1:4711", "192.0.2.1")]
    [TestCase("X-Forwarded-For: 2001:db8::7", "2001:db8::7")]
    [TestCase("X-Forwarded-For: [2001:db8::7]", "2001:db8::7")]
    [TestCase("X-Forwarded-For: [2001:db8::7]:65535, 2001:db8:1::1", "2001:db8::7")]
    [TestCase("X-Forwarded-For: ::ffff:192.0.2.1", "192.0.2.1")]
    [TestCase("X-Forwarded-For: 192.0.2.1, ::ffff:10.0.0.1", "192.0.2.1")]
    [TestCase("X-Forwarded-For: 192.0.2.1, unknown", "-")]
    [TestCase("X-Forwarded-For: unknown, 192.0.2.1", "192.0.2.1")]
    [TestCase("X-Forwarded-For: 192.0.2.1, unknown, 10.0.0.1", "-")]
    [TestCase("X-Forwarded-For: 192.0.2", "-")]
    [TestCase("X-Forwarded-For: 0300.0.2.1", "-")]
    [TestCase("X-Forwarded-For: 3221225985", "-")]
    [TestCase("X-Forwarded-For: 192.0.2.1 192.0.2.2", "-")]
    [TestCase("X-Forwarded-For: 192.0.2.1:", "-")]
    [TestCase("X-Forwarded-For: 192.0.2.1:123456", "-")]
    [TestCase("X-Forwarded-For: [192.0.2.1]", "-")]
    [TestCase("X-Forwarded-For: [2001:db8::7", "-")]
    [TestCase("X-Forwarded-For: [2001:db8::7]4711", "-")]
    [TestCase("X-Forwarded-For: fe80::1%eth0", "-")]
    [TestCase("X-Forwarded-For: \"192.0.2.1\"", "-")]
    [TestCase("Forwarded: for=192.0.2.1", "192.0.2.1")]
    [TestCase("Forwarded: For=\"192.0.2.1:4711\";proto=https;by=10.0.0.1;host=\"a, b;c\"", "192.0.2.1")]
    [TestCase("Forwarded: proto=https;for=192.0.2.1;;", "192.0.2.1")]
    [TestCase("Forwarded: for=\"[2001:db8::7]:4711\"", "2001:db8::7")]
    [TestCase("Forwarded: for=\"192.0\\.2.1\"", "192.0.2.1")]
    [TestCase("Forwarded: for=[2001:db8::7]:4711", "2001:db8::7", Description = "Without the quotes that it needs")]
    [TestCase("Forwarded: for=\"192.0.2.1:_port\"", "192.0.2.1")]
    [TestCase("Forwarded: for=198.51.100.9, for=192.0.2.1 , for=10.0.0.1;by=10.0.0.2", "192.0.2.1")]
    [TestCase("Forwarded: for=198.51.100.9\r\nForwarded: for=192.0.2.1, for=10.0.0.1", "192.0.2.1")]
    [TestCase("Forwarded: for=unknown", "-")]
    [TestCase("Forwarded: for=_hidden, for=10.0.0.1", "-")]
    [TestCase("Forwarded: for=192.0.2.1, proto=https", "-", Description = "An element that names nobody")]
    [TestCase("Forwarded: for=192.0.2.1;for=192.0.2.2", "-")]
    [TestCase("Forwarded: for", "-")]
    [TestCase("Forwarded: =192.0.2.1", "-")]
    [TestCase("Forwarded: for=\"192.0.2.1", "-")]
    [TestCase("Forwarded: for=\"192.0.2.1\\", "-")]
    [TestCase("Forwarded: for=\"198.51.100.9, for=192.0.2.1", "-", Description = "A quote that the client left open")]
    [TestCase("Forwarded: for=198.51.100.9;a=\", for=192.0.2.1;host=\"x\"", "-", Description = "One that the proxy's own closes")]
    [TestCase("Forwarded: a=\"\r\nForwarded: for=192.0.2.1", "192.0.2.1", Description = "On a line of the client's own")]
    [TestCase("Forwarded: for=192.0.2.1\r\nX-Forwarded-For: 192.0.2.1", "192.0.2.1")]
    [TestCase("Forwarded: for=198.51.100.9\r\nX-Forwarded-For: 192.0.2.1", "-", Description = "One of the two is the client's")]
    [TestCase("Forwarded: for=192.0.2.1\r\nX-Forwarded-For: 198.51.100.9", "-")]
    [TestCase("Forwarded: for=unknown\r\nX-Forwarded-For: 192.0.2.1", "-")]
    public void The_rightmost_address_that_is_not_trusted_wins(string fields, string expected) =>
        Assert.That(Read(fields)?.ToString() ?? "-", Is.EqualTo(expected));

    [Test]
    public void A_node_has_a_bound([Values("X-Forwarded-For: {0}", "Forwarded: for=\"{0}\"")] string field)
    {
        string longest = "[2001:db8:0000:0000:0000:0000:255.255.255.255]:65535", over = longest.Replace("[2", "[" + new string('0', 20) + "2", StringComparison.Ordinal);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Read(string.Format(null, field, longest)), Is.EqualTo(IPAddress.Parse("2001:db8::ffff:ffff")));
            Assert.That(Read(string.Format(null, field, over)), Is.Null);
        }
    }

    /// <remarks>Whatever a client sends, the proxy's own addition at the right is believed, or nothing is.</remarks>
    [Test]
    public void No_client_chooses_its_address()
    {
        string[] pieces = ["for=", "FOR=", "\"", "\\", ",", ";", " ", "[", "]", ":", "198.51.100.9", "10.0.0.1", "2001:db8::7", "unknown", "_x", "by=", "=", "a"];
        foreach (int seed in Seeds.Rounds(20_000))
        {
            Faker faker = Seeds.Faker(seed);
            string client = string.Concat(Enumerable.Range(0, faker.Random.Int(0, 12)).Select(_ => faker.PickRandom(pieces)));
            string line = faker.Random.Bool() ? ", " : "\r\n{0}: ";
            string common = string.Format(null, "{0}: " + client + line + "192.0.2.1", "X-Forwarded-For");
            string standard = string.Format(null, "{0}: " + client + line + "for=192.0.2.1;host=\"site.example\"", "Forwarded");

            // X-Forwarded-For has no quotes: its last member is always the proxy's.
            Assert.That(Read(common), Is.EqualTo(IPAddress.Parse("192.0.2.1")), Seeds.Message(seed));
            Assert.That(Read(standard), Is.Null.Or.EqualTo(IPAddress.Parse("192.0.2.1")), Seeds.Message(seed));
        }
    }

    private static IPAddress? Read(string fields)
    {
        HeadScan scan = default;
        string lines = fields.Length == 0 ? "" : fields + "\r\n";
        RequestHead.TryRead(Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: a\r\n{lines}\r\n"), HttpLimits.Default, ref scan, out RequestHead? head, out _, out _);
        Assert.That(head, Is.Not.Null, fields);
        return ForwardedFields.ClientOf(head!.Fields, Trusted);
    }
}
