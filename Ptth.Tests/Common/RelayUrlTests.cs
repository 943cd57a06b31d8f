using NUnit.Framework;
using Ptth.Common.Net;

namespace Ptth.Tests.Common;

internal sealed class RelayUrlTests
{
    [TestCase("http://relay.example", false, "relay.example", 80, "/v1", "relay.example")]
    [TestCase("http://relay.example/", false, "relay.example", 80, "/v1", "relay.example")]
    [TestCase("http://relay.example/v1", false, "relay.example", 80, "/v1", "relay.example")]
    [TestCase("http://relay.example/v1/", false, "relay.example", 80, "/v1", "relay.example")]
    [TestCase("http://relay.example:8080/ptth/v1", false, "relay.example", 8080, "/ptth/v1", "relay.example:8080")]
    [TestCase("http://relay.example:80", false, "relay.example", 80, "/v1", "relay.example")]
    [TestCase("HTTP://Relay.Example/V1", false, "relay.example", 80, "/V1", "relay.example")]
    [TestCase("http://127.0.0.1:8080", false, "127.0.0.1", 8080, "/v1", "127.0.0.1:8080")]
    [TestCase("http://[::1]", false, "::1", 80, "/v1", "[::1]")]
    [TestCase("http://[::1]:8080", false, "::1", 8080, "/v1", "[::1]:8080")]
    [TestCase("https://relay.example", true, "relay.example", 443, "/v1", "relay.example")]
    [TestCase("https://relay.example:443/x", true, "relay.example", 443, "/x", "relay.example")]
    [TestCase("https://relay.example:80", true, "relay.example", 80, "/v1", "relay.example:80")]
    [TestCase("http://relay.example:443", false, "relay.example", 443, "/v1", "relay.example:443")]
    public void Urls(string text, bool isTls, string host, int port, string basePath, string hostHeader)
    {
        Assert.That(RelayUrl.TryParse(text, out RelayUrl? url, out string? problem), Is.True);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(url!.IsTls, Is.EqualTo(isTls));
            Assert.That(url.Host, Is.EqualTo(host));
            Assert.That(url.Port, Is.EqualTo(port));
            Assert.That(url.BasePath, Is.EqualTo(basePath));
            Assert.That(url.HostHeader, Is.EqualTo(hostHeader));
            Assert.That(problem, Is.Null);
        }
        Assert.That(RelayUrl.TryParse(url!.ToString(), out RelayUrl? again, out _), Is.True);
        Assert.That(again, Is.EqualTo(url));
    }

    [TestCase("")]
    [TestCase("relay.example")]
    [TestCase("//relay.example")]
    [TestCase("ftp://relay.example")]
    [TestCase("http:relay.example")]
    [TestCase("http://")]
    [TestCase("http:///v1")]
    [TestCase("http://:8080")]
    [TestCase("http://relay.example:")]
    [TestCase("http://relay.example:0")]
    [TestCase("http://relay.example:65536")]
    [TestCase("http://relay.example:+80")]
    [TestCase(" http://relay.example")]
    [TestCase("http://relay.example ")]
    [TestCase("http://relay example")]
    [TestCase("http://::1")]
    [TestCase("http://::1:80")]
    [TestCase("http://[fe80::1%25eth0]")]
    [TestCase("http://[fe80::1%1]:80")]
    [TestCase("http://rel%61y.example")]
    [TestCase("http://réseau.example")]
    [TestCase("http:\\\\relay.example")]
    public void Not_urls(string text)
    {
        Assert.That(RelayUrl.TryParse(text, out RelayUrl? url, out string? problem), Is.False);
        Assert.That(url, Is.Null);
        Assert.That(problem, Is.EqualTo("must be a URL such as \"https://relay.example\" or \"http://relay.example:8080/ptth/v1\""));
    }

    [TestCase("http://relay.example?a", "must be a URL without a query or a fragment")]
    [TestCase("http://relay.example/v1?", "must be a URL without a query or a fragment")]
    [TestCase("http://relay.example/v1#a", "must be a URL without a query or a fragment")]
    [TestCase("http://user@relay.example", "must be a URL without a user name: the key is given by key_file, key or --key-file")]
    [TestCase("http://user:pass@relay.example/", "must be a URL without a user name: the key is given by key_file, key or --key-file")]
    [TestCase("http://relay.example//", "has a path that " + BasePath.Expected)]
    [TestCase("http://relay.example/a b", "has a path that " + BasePath.Expected)]
    [TestCase("http://relay.example/a/../b", "has a path that " + BasePath.Expected)]
    [TestCase("http://relay.example/a@b", "has a path that " + BasePath.Expected)]
    public void Not_urls_for_a_reason_of_their_own(string text, string expected)
    {
        Assert.That(RelayUrl.TryParse(text, out _, out string? problem), Is.False);
        Assert.That(problem, Is.EqualTo(expected));
    }
}
