using System.Runtime.Versioning;
using NUnit.Framework;
using Ptth.Common.Net;
using Ptth.Common.Protocol;
using Ptth.Common.Toml;
using Ptth.Proxy.Configuration;
using Ptth.Tests.Common;

namespace Ptth.Tests.Configuration;

/// <summary>Which HTTP proxy the way to the relay leads through: <c>--proxy</c>, <c>proxy</c>, and the environment.</summary>
internal sealed class HttpProxyConfigTests
{
    private const string Http = "relay = 'http://relay.example'\n";
    private const string Https = "relay = 'https://relay.example'\n";
    private const string Rest = "[[port]]\nname = 'ssh'\ntarget = '127.0.0.1:22'\n";

    private TempDirectory _directory = null!;

    [SetUp]
    public void SetUp() => _directory = new TempDirectory();

    [TearDown]
    public void TearDown() => _directory.Dispose();

    [TestCase(null, "", "", null)]
    [TestCase(null, "", "https_proxy=http://e:1", "e:1 by https_proxy")]
    [TestCase(null, "proxy = 'http://f:1'\n", "https_proxy=http://e:1", "f:1 by proxy")]
    [TestCase("http://o:1", "proxy = 'http://f:1'\n", "https_proxy=http://e:1", "o:1 by --proxy")]
    [TestCase(null, "proxy = 'none'\n", "https_proxy=http://e:1", null)]
    [TestCase("none", "proxy = 'http://f:1'\n", "https_proxy=http://e:1", null)]
    [TestCase("http://o:1", "proxy = 'http://f:1'\n", "no_proxy=*", "o:1 by --proxy")]
    [TestCase(null, "proxy = 'http://f:1'\n", "no_proxy=*", "f:1 by proxy")]
    public void The_option_wins_over_the_file_and_the_file_over_the_environment(string? option, string key, string environment, string? expected) =>
        Assert.That(Choose(Https + key, environment, option), Is.EqualTo(expected));

    [TestCase(Https, "HTTPS_PROXY=http://e:1", "e:1 by HTTPS_PROXY")]
    [TestCase(Https, "HTTPS_PROXY=http://e:1 https_proxy=http://e:2", "e:2 by https_proxy")]
    [TestCase(Https, "https_proxy= HTTPS_PROXY=http://e:1", "e:1 by HTTPS_PROXY")]
    [TestCase(Https, "http_proxy=http://e:1", null)]
    [TestCase(Https, "http_proxy=http://e:1 all_proxy=http://e:2", "e:2 by all_proxy")]
    [TestCase(Https, "all_proxy=http://e:2 HTTPS_PROXY=http://e:1", "e:1 by HTTPS_PROXY")]
    [TestCase(Https, "ALL_PROXY=e:2", "e:2 by ALL_PROXY")]
    [TestCase(Http, "http_proxy=http://e:1", "e:1 by http_proxy")]
    [TestCase(Http, "HTTP_PROXY=http://e:1", null)]
    [TestCase(Http, "https_proxy=http://e:1", null)]
    [TestCase(Http, "all_proxy=http://e:2", "e:2 by all_proxy")]
    [TestCase(Http, "http_proxy=http://e:1 no_proxy=example", null)]
    [TestCase(Http, "http_proxy=http://e:1 NO_PROXY=relay.example", null)]
    [TestCase(Http, "http_proxy=http://e:1 no_proxy=other NO_PROXY=relay.example", "e:1 by http_proxy")]
    [TestCase("relay = 'http://localhost'\n", "http_proxy=http://e:1", null)]
    [TestCase("relay = 'http://a.localhost'\n", "http_proxy=http://e:1", null)]
    [TestCase("relay = 'http://127.9.0.1'\n", "http_proxy=http://e:1", null)]
    [TestCase("relay = 'http://[::1]'\n", "http_proxy=http://e:1", null)]
    [TestCase("relay = 'http://127.0.0.1'\nproxy = 'http://f:1'\n", "", "f:1 by proxy")]
    public void The_environment_is_read_as_curl_does_but_for_loopback(string text, string environment, string? expected) =>
        Assert.That(Choose(text, environment), Is.EqualTo(expected));

    [Test]
    public void Both_proxies_read_it()
    {
        string path = _directory.Write("client.toml", Https + "proxy = 'http://f:1'\n[[forward]]\nlisten = '127.0.0.1:1'\nto = 'a/b'\n");
        ClientProxyConfig config = ClientConfigFile.Load(new ProxySources { ConfigPath = path, Variable = name => VariableOf("", name) }, []);
        Assert.That(config.HttpProxy!.Url.ToString(), Is.EqualTo("f:1"));
    }

    [Test]
    [Platform(Exclude = "Win")]
    [UnsupportedOSPlatform("windows")]
    public void A_file_with_a_password_is_for_its_owner_alone()
    {
        string path = _directory.Write("server.toml", Https + "proxy = 'http://jo:secret@f:1'\n" + Rest);
        Assert.That(ChooseFrom(path), Is.EqualTo("f:1 by proxy"));
        _directory.SetMode("server.toml", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        ConfigException refused = Assert.Throws<ConfigException>(() => ChooseFrom(path))!;
        Assert.That(refused.Problems.Single().ToString(),
            Is.EqualTo($"{path}:2: proxy: this file holds a proxy's password and can be read by others; run: chmod 600 {path}"));

        path = _directory.Write("server.toml", Https + "proxy = 'http://f:1'\n" + Rest);
        _directory.SetMode("server.toml", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        Assert.That(ChooseFrom(path), Is.EqualTo("f:1 by proxy"));
    }

    [Test]
    public void Problems_name_the_key_or_the_variable()
    {
        ConfigException ofFile = Assert.Throws<ConfigException>(() => Choose(Https + "proxy = 'socks5://f:1'\n", ""))!;
        Assert.That(ofFile.Problems.Single().ToString(), Does.Contain("server.toml:2: proxy: is a SOCKS proxy, which is not supported"));
        ConfigException ofType = Assert.Throws<ConfigException>(() => Choose(Https + "proxy = 5\n", "https_proxy=http://e:1"))!;
        Assert.That(ofType.Problems.Single().ToString(), Does.Contain("server.toml:2: proxy: must be a text in quotes"));
        ConfigException ofVariable = Assert.Throws<ConfigException>(() => Choose(Https, "all_proxy=socks5://jo:secret@e:1"))!;
        Assert.That(ofVariable.Problems.Single().ToString(),
            Is.EqualTo("all_proxy: is a SOCKS proxy, which is not supported; give an HTTP proxy, http://HOST:PORT; or go without it: proxy = \"none\", --proxy none"));
    }

    private string? Choose(string text, string environment, string? option = null) => ChooseFrom(_directory.Write("server.toml", text + Rest), environment, Parse(option));

    private static string? ChooseFrom(string path, string environment = "", HttpProxySetting? option = null)
    {
        var sources = new ProxySources { ConfigPath = path, HttpProxy = option, Variable = name => VariableOf(environment, name) };
        return ServerConfigFile.Load(sources, [], null).HttpProxy is { } choice ? $"{choice.Url} by {choice.Source}" : null;
    }

    private static string? VariableOf(string environment, string name) => name == ProxySources.KeyVariable
        ? PtthKey.Generate().Reveal()
        : environment.Split(' ').Select(static variable => variable.Split('=', 2)).FirstOrDefault(variable => variable[0] == name)?[1];

    private static HttpProxySetting? Parse(string? option) => option is null ? null
        : HttpProxySetting.TryParse(option, out HttpProxySetting? setting, out string? problem) ? setting : throw new ArgumentException(problem, nameof(option));
}
