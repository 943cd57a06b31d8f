using System.Net;
using NUnit.Framework;
using Ptth.Common.Net;

namespace Ptth.Tests.Common;

/// <summary>Ranges of addresses, read strictly.</summary>
internal sealed class AddressRangeTests
{
    [TestCase("10.0.0.0/8", "10.0.0.0/8")]
    [TestCase("192.0.2.7", "192.0.2.7/32")]
    [TestCase("192.0.2.7/32", "192.0.2.7/32")]
    [TestCase("0.0.0.0/0", "0.0.0.0/0")]
    [TestCase("2001:db8::/32", "2001:db8::/32")]
    [TestCase("2001:DB8:0::1", "2001:db8::1/128")]
    [TestCase("::/0", "::/0")]
    [TestCase("::ffff:10.0.0.0/104", "10.0.0.0/8")]
    [TestCase("::ffff:192.0.2.7", "192.0.2.7/32")]
    public void An_address_or_a_network(string text, string range) =>
        Assert.That((AddressRange.TryParse(text, out IPNetwork read), read.ToString()), Is.EqualTo((true, range)));

    [TestCase("")]
    [TestCase("/8")]
    [TestCase("10.0.0.1/8")]
    [TestCase("2001:db8::1/32")]
    [TestCase("10.0.0.0/")]
    [TestCase("10.0.0.0/08")]
    [TestCase("10.0.0.0/+8")]
    [TestCase("10.0.0.0/33")]
    [TestCase("2001:db8::/129")]
    [TestCase("10.0.0.0/8/8")]
    [TestCase("10/8")]
    [TestCase("10.1")]
    [TestCase("010.0.0.0/8")]
    [TestCase("0x0a.0.0.0/8")]
    [TestCase(" 10.0.0.0/8")]
    [TestCase("[2001:db8::]/32")]
    [TestCase("fe80::%1/64")]
    [TestCase("home.example")]
    [TestCase("*")]
    public void Nothing_else(string text) => Assert.That(AddressRange.TryParse(text, out _), Is.False);
}
