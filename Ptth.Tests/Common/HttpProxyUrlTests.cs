using System.Text;
using NUnit.Framework;
using Ptth.Common.Net;

namespace Ptth.Tests.Common;

internal sealed class HttpProxyUrlTests
{
    [TestCase("http://proxy.example:3128", "proxy.example:3128")]
    [TestCase("http://proxy.example:3128/", "proxy.example:3128")]
    [TestCase("HTTP://Proxy.Example:80", "proxy.example:80")]
    [TestCase("proxy.example:3128", "proxy.example:3128")]
    [TestCase("http://192.0.2.1:8080", "192.0.2.1:8080")]
    [TestCase("http://[2001:db8::1]:8080", "[2001:db8::1]:8080")]
    public void Without_a_login(string text, string target)
    {
        HttpProxyUrl url = Parse(text);
        Assert.That((url.ToString(), url.HasCredentials, url.RevealAuthorization()), Is.EqualTo((target, false, (string?)null)));
    }

    [TestCase("http://jo:secret@proxy.example:3128", "jo:secret")]
    [TestCase("jo:secret@proxy.example:3128", "jo:secret")]
    [TestCase("http://jo@proxy.example:3128", "jo:")]
    [TestCase("http://jo:@proxy.example:3128", "jo:")]
    [TestCase("http://jo:a:b@proxy.example:3128", "jo:a:b")]
    [TestCase("http://j%40o:%2F%3f%23%25%3A@proxy.example:3128", "j@o:/?#%:")]
    [TestCase("http://jo:p@ss@proxy.example:3128", "jo:p@ss")]
    [TestCase("http://jo:%C3%BC\u00fc@proxy.example:3128", "jo:\u00fc\u00fc")]
    public void With_a_login_that_it_does_not_print(string text, string login)
    {
        HttpProxyUrl url = Parse(text);
        Assert.That((url.ToString(), url.HasCredentials), Is.EqualTo(("proxy.example:3128", true)));
        Assert.That(url.RevealAuthorization(), Is.EqualTo("Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(login))));
    }

    [TestCase("https://proxy.example:3128", "is a proxy that is itself reached over TLS, which is not supported; give its http:// port")]
    [TestCase("socks5h://proxy.example:1080", "is a SOCKS proxy, which is not supported; give an HTTP proxy, http://HOST:PORT")]
    [TestCase("SOCKS4://proxy.example:1080", "is a SOCKS proxy")]
    [TestCase("ftp://proxy.example:21", "must be \"none\" or a URL such as")]
    [TestCase("", "must be \"none\" or a URL such as")]
    [TestCase("http://", "must be \"none\" or a URL such as")]
    [TestCase("http://proxy example:3128", "must be \"none\" or a URL such as")]
    [TestCase("http://proxy.example", "must name the proxy's port")]
    [TestCase("http://jo:secret@proxy.example", "must name the proxy's port")]
    [TestCase("http://proxy.example:0", "must be \"none\" or a URL such as")]
    [TestCase("http://proxy.example:65536", "must be \"none\" or a URL such as")]
    [TestCase("http://proxy.example:3128/path", "must be a proxy's URL without a path; in a user or a password write / as %2F")]
    [TestCase("http://jo:secret/@proxy.example:3128", "must be a proxy's URL without a path")]
    [TestCase("http://jo:secret#@proxy.example:3128", "must be a proxy's URL without a path")]
    [TestCase("http://proxy.example:3128?x", "must be a proxy's URL without a path")]
    [TestCase("http://jo:secret%@proxy.example:3128", "has a % in its user or password")]
    [TestCase("http://jo:secret%4@proxy.example:3128", "has a % in its user or password")]
    [TestCase("http://jo:secret%zz@proxy.example:3128", "has a % in its user or password")]
    [TestCase("http://jo:secret%ff@proxy.example:3128", "has a % in its user or password")]
    [TestCase("http://j%3Ao:secret@proxy.example:3128", "has a user with a colon in it")]
    [TestCase("http://jo:secret%0d%0a@proxy.example:3128", "has a control character in its user or password")]
    [TestCase("http://:secret@proxy.example:3128", "has an @ but no user in front of it")]
    [TestCase("http://@proxy.example:3128", "has an @ but no user in front of it")]
    public void What_is_none_and_why_without_the_password(string text, string expected)
    {
        Assert.That(HttpProxyUrl.TryParse(text, out HttpProxyUrl? url, out string? problem), Is.False);
        Assert.That(url, Is.Null);
        Assert.That(problem, Does.StartWith(expected).And.Not.Contain("secret"));
    }

    [TestCase("none")]
    [TestCase("None")]
    public void None_is_a_setting(string text)
    {
        Assert.That(HttpProxySetting.TryParse(text, out HttpProxySetting? setting, out string? problem), Is.True);
        Assert.That((setting!.Url, problem), Is.EqualTo(((HttpProxyUrl?)null, (string?)null)));
    }

    private static HttpProxyUrl Parse(string text) => HttpProxyUrl.TryParse(text, out HttpProxyUrl? url, out string? problem)
        ? url
        : throw new ArgumentException(problem, nameof(text));
}
