using System.Net;
using NUnit.Framework;
using Ptth.Relay.Admission;

namespace Ptth.Tests.Admission;

/// <summary>What counts as one address.</summary>
internal sealed class PeerAddressTests
{
    [TestCase("192.0.2.7", "192.0.2.7", true)]
    [TestCase("192.0.2.7", "192.0.2.8", false)]
    [TestCase("192.0.2.7", "::ffff:192.0.2.7", true)]
    [TestCase("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true)]
    [TestCase("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [TestCase("::1", "127.0.0.1", false)]
    [TestCase("c000:207::", "192.0.2.7", false)]
    public void IPv4_by_address_and_IPv6_by_network(string one, string other, bool same) =>
        Assert.That(PeerAddress.Of(IPAddress.Parse(one)) == PeerAddress.Of(IPAddress.Parse(other)), Is.EqualTo(same));

    [TestCase("192.0.2.7", "192.0.2.7")]
    [TestCase("::ffff:192.0.2.7", "192.0.2.7")]
    [TestCase("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64")]
    public void Its_text_says_what_is_counted(string address, string text) =>
        Assert.That(PeerAddress.Of(new IPEndPoint(IPAddress.Parse(address), 80)).ToString(), Is.EqualTo(text));

    [Test]
    public void What_has_no_address_is_one() => Assert.That(PeerAddress.Of((EndPoint?)null).ToString(), Is.EqualTo("unknown"));
}
