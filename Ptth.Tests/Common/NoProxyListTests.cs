using NUnit.Framework;
using Ptth.Common.Net;

namespace Ptth.Tests.Common;

internal sealed class NoProxyListTests
{
    [TestCase("relay.example", "relay.example", true)]
    [TestCase("RELAY.Example", "relay.example", true)]
    [TestCase("example", "relay.example", true)]
    [TestCase(".example", "relay.example", true)]
    [TestCase(".relay.example", "relay.example", true)]
    [TestCase("relay.example.", "relay.example", true)]
    [TestCase("relay.example", "relay.example.", true)]
    [TestCase("lay.example", "relay.example", false)]
    [TestCase("a.relay.example", "relay.example", false)]
    [TestCase("relay.example:80", "relay.example", false)]
    [TestCase("*.example", "relay.example", false)]
    [TestCase("other, relay.example", "relay.example", true)]
    [TestCase("other relay.example", "relay.example", true)]
    [TestCase("other,,\trelay.example ,", "relay.example", true)]
    [TestCase("192.0.2.1", "relay.example", false)]
    public void Names(string list, string host, bool covered) => Assert.That(NoProxyList.Covers(list, host), Is.EqualTo(covered));

    [TestCase("192.0.2.7", "192.0.2.7", true)]
    [TestCase("192.0.2.7", "192.0.2.70", false)]
    [TestCase("2.7", "192.0.2.7", false)]
    [TestCase("192.0.2.0/24", "192.0.2.7", true)]
    [TestCase("192.0.2.9/24", "192.0.2.7", true)]
    [TestCase("192.0.2.0/29", "192.0.2.8", false)]
    [TestCase("0.0.0.0/0", "192.0.2.8", true)]
    [TestCase("192.0.2.7/32", "192.0.2.7", true)]
    [TestCase("192.0.2.7/33", "192.0.2.7", false)]
    [TestCase("192.0.2.0/-1", "192.0.2.7", false)]
    [TestCase("192.0.2.0/", "192.0.2.7", false)]
    [TestCase("2001:db8::/32", "2001:db8::1", true)]
    [TestCase("[2001:db8::1]", "2001:db8::1", true)]
    [TestCase("2001:db8::/32", "2001:db9::1", false)]
    [TestCase("::/0", "192.0.2.7", false)]
    [TestCase("::ffff:192.0.2.7", "192.0.2.7", true)]
    public void Addresses(string list, string host, bool covered) => Assert.That(NoProxyList.Covers(list, host), Is.EqualTo(covered));

    [TestCase("*", true)]
    [TestCase(" * ", true)]
    [TestCase("", false)]
    [TestCase(",", false)]
    [TestCase(".", false)]
    [TestCase("*,other", false)]
    public void All_and_none(string list, bool covered) => Assert.That((NoProxyList.Covers(list, "relay.example"), NoProxyList.Covers(list, "192.0.2.7")), Is.EqualTo((covered, covered)));
}
