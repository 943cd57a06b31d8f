using System.Net;
using NUnit.Framework;
using Ptth.Common.Net;

namespace Ptth.Tests.Common;

internal sealed class AddressTests
{
    [TestCase("0.0.0.0:8080", "0.0.0.0:8080")]
    [TestCase("127.0.0.1:0", "127.0.0.1:0")]
    [TestCase("127.0.0.1:65535", "127.0.0.1:65535")]
    [TestCase("[::]:8080", "[::]:8080")]
    [TestCase("[::1]:1", "[::1]:1")]
    [TestCase("[2001:DB8::1]:80", "[2001:db8::1]:80")]
    [TestCase("[::ffff:1.2.3.4]:80", "[::ffff:1.2.3.4]:80")]
    public void Listen_addresses(string text, string expected)
    {
        Assert.That(ListenAddress.TryParse(text, out IPEndPoint? address), Is.True);
        Assert.That(address!.ToString(), Is.EqualTo(expected));
        Assert.That(ListenAddress.TryParseForward(text, out IPEndPoint? forward), Is.True);
        Assert.That(forward, Is.EqualTo(address));
    }

    [TestCase("")]
    [TestCase(":8080")]
    [TestCase("*:8080")]
    [TestCase("localhost:8080")]
    [TestCase("127.0.0.1")]
    [TestCase("127.0.0.1:")]
    [TestCase("127.0.0.1:65536")]
    [TestCase("127.0.0.1:+80")]
    [TestCase("127.0.0.1:080")]
    [TestCase("127.0.0.1: 80")]
    [TestCase("127.0.0.1:80 ")]
    [TestCase("127.0.0.1:8\0")]
    [TestCase(" 127.0.0.1:80")]
    [TestCase("127.1:80")]
    [TestCase("1:80")]
    [TestCase("0x7f.0.0.1:80")]
    [TestCase("127.0.0.01:80")]
    [TestCase("256.0.0.1:80")]
    [TestCase("::1:80")]
    [TestCase("[::1]")]
    [TestCase("[::1]80")]
    [TestCase("[]:80")]
    [TestCase("[[::1]]:80")]
    [TestCase("[127.0.0.1]:80")]
    [TestCase("[::1]:80:81")]
    [TestCase("[[::1]:80]:81")]
    public void Not_listen_addresses(string text)
    {
        Assert.That(ListenAddress.TryParse(text, out IPEndPoint? address), Is.False);
        Assert.That(address, Is.Null);
        Assert.That(ListenAddress.TryParseForward(text, out IPEndPoint? forward), Is.False);
        Assert.That(forward, Is.Null);
    }

    [TestCase("2222", 2222)]
    [TestCase("0", 0)]
    [TestCase("65535", 65535)]
    public void A_bare_port_binds_loopback_for_forwards_only(string text, int port)
    {
        Assert.That(ListenAddress.TryParseForward(text, out IPEndPoint? address), Is.True);
        Assert.That(address, Is.EqualTo(new IPEndPoint(IPAddress.Loopback, port)));
        Assert.That(ListenAddress.TryParse(text, out _), Is.False);
    }

    [TestCase("65536")]
    [TestCase("-1")]
    [TestCase("99999999999")]
    public void Not_bare_ports(string text) => Assert.That(ListenAddress.TryParseForward(text, out _), Is.False);

    [TestCase("127.0.0.1:22", "127.0.0.1", true)]
    [TestCase("[::1]:22", "::1", true)]
    [TestCase("[2001:DB8::0:1]:22", "2001:db8::1", true)]
    [TestCase("localhost:22", "localhost", false)]
    [TestCase("db-1.example_net:22", "db-1.example_net", false)]
    [TestCase("1e100:22", "1e100", false)]
    [TestCase("a.b:22", "a.b", false)]
    public void Targets(string text, string host, bool isAddress)
    {
        Assert.That(HostPort.TryParse(text, out HostPort? target), Is.True);
        Assert.That(target!.Host, Is.EqualTo(host));
        Assert.That(target.Port, Is.EqualTo(22));
        Assert.That(target.Address, isAddress ? Is.EqualTo(IPAddress.Parse(host)) : Is.Null);
        Assert.That(HostPort.TryParse(target.ToString(), out HostPort? again), Is.True);
        Assert.That(again, Is.EqualTo(target));
    }

    [TestCase("")]
    [TestCase(":22")]
    [TestCase("22")]
    [TestCase("host")]
    [TestCase("host:")]
    [TestCase("host:0")]
    [TestCase("host:65536")]
    [TestCase("host:ssh")]
    [TestCase("ho st:22")]
    [TestCase("höst:22")]
    [TestCase("-host:22")]
    [TestCase("host-:22")]
    [TestCase("a..b:22")]
    [TestCase("a.:22")]
    [TestCase(".a:22")]
    [TestCase("127.0.0:22")]
    [TestCase("127.0.0.256:22")]
    [TestCase("::1:22")]
    [TestCase("[::1:22")]
    [TestCase("a:b:22")]
    [TestCase("http://a:22")]
    public void Not_targets(string text)
    {
        Assert.That(HostPort.TryParse(text, out HostPort? target), Is.False);
        Assert.That(target, Is.Null);
    }

    [Test]
    public void A_host_name_has_labels_of_at_most_63_characters_and_253_in_all()
    {
        string label = new('a', 63);
        string longest = $"{label}.{label}.{label}.{new string('a', 61)}";
        Assert.That(HostPort.TryParse($"{longest}:1", out _), Is.True);
        Assert.That(HostPort.TryParse($"{longest}a:1", out _), Is.False);
        Assert.That(HostPort.TryParse($"{label}a:1", out _), Is.False);
    }

    [TestCase("/", "")]
    [TestCase("/v1", "/v1")]
    [TestCase("/v1/", "/v1")]
    [TestCase("/ptth/v1", "/ptth/v1")]
    [TestCase("/~user/a.b_c-d", "/~user/a.b_c-d")]
    public void Base_paths(string text, string expected)
    {
        Assert.That(BasePath.TryNormalize(text, out string? basePath), Is.True);
        Assert.That(basePath, Is.EqualTo(expected));
    }

    [TestCase("")]
    [TestCase("v1")]
    [TestCase("//")]
    [TestCase("/v1//")]
    [TestCase("//v1")]
    [TestCase("/a//b")]
    [TestCase("/.")]
    [TestCase("/a/../b")]
    [TestCase("/a%20b")]
    [TestCase("/a b")]
    [TestCase("/a?b")]
    [TestCase("/a#b")]
    [TestCase("/ä")]
    [TestCase("/a\r\n")]
    public void Not_base_paths(string text)
    {
        Assert.That(BasePath.TryNormalize(text, out string? basePath), Is.False);
        Assert.That(basePath, Is.Null);
    }

    [Test]
    public void A_base_path_has_at_most_256_characters()
    {
        Assert.That(BasePath.TryNormalize("/" + new string('a', 255), out _), Is.True);
        Assert.That(BasePath.TryNormalize("/" + new string('a', 256), out _), Is.False);
    }
}
