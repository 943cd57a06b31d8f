using System.Net;
using NUnit.Framework;
using Ptth.Common.Protocol;
using Ptth.Common.Toml;
using Ptth.Proxy.Configuration;
using Ptth.Tests.Common;

namespace Ptth.Tests.Configuration;

internal sealed class ClientConfigTests
{
    private readonly PtthKey _key = PtthKey.Generate();
    private TempDirectory _directory = null!;

    [SetUp]
    public void SetUp() => _directory = new TempDirectory();

    [TearDown]
    public void TearDown() => _directory.Dispose();

    private ClientProxyConfig Load(string text, params Forward[] forwards) => ClientConfigFile.Load(new ProxySources
    {
        ConfigPath = _directory.Write("client.toml", text),
        Variable = name => name == ProxySources.KeyVariable ? _key.Reveal() : null,
    }, forwards);

    private void AssertProblems(string text, params string[] expected)
    {
        ConfigException exception = Assert.Throws<ConfigException>(() => Load(text))!;
        Assert.That(exception.Problems.Select(problem => problem.ToString().Replace(_directory.Path + Path.DirectorySeparatorChar, "", StringComparison.Ordinal)),
            Is.EqualTo(expected));
    }

    [Test]
    public void A_whole_file()
    {
        ClientProxyConfig config = Load("""
            relay = "http://relay.example"
            max_tunnels = 7
            connect_wait = 0
            keep_alive = 3600
            mark_ends = true
            upload = "segments"
            segment_bytes = 1024
            [timeouts]
            relay_connect = 1
            [[forward]]
            listen = "2222"
            to = "home/ssh"
            [[forward]]
            listen = "[::1]:8080"
            to = "office/web"
            """);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(config.KeepAliveSeconds, Is.EqualTo(3600));
            Assert.That(config.MarkEnds, Is.True);
            Assert.That(config.Upload, Is.EqualTo(new UploadSettings(UploadMode.Segments, 1024)));
            Assert.That(config.Relay.ToString(), Is.EqualTo("http://relay.example/v1"));
            Assert.That(config.Key.Reveal(), Is.EqualTo(_key.Reveal()));
            Assert.That(config.MaxTunnels, Is.EqualTo(7));
            Assert.That(config.ConnectWait, Is.EqualTo(TimeSpan.Zero));
            Assert.That(config.Timeouts, Is.EqualTo(new ProxyTimeouts { RelayConnect = TimeSpan.FromSeconds(1) }));
            Assert.That(config.Forwards, Is.EqualTo(new Forward[]
            {
                new(new IPEndPoint(IPAddress.Loopback, 2222), "home", "ssh"),
                new(new IPEndPoint(IPAddress.IPv6Loopback, 8080), "office", "web"),
            }));
        }
    }

    [Test]
    public void Defaults_and_the_command_lines_forwards()
    {
        var forward = new Forward(new IPEndPoint(IPAddress.Any, 1), "a", "b");
        ClientProxyConfig config = Load("relay = 'http://a'\n[[forward]]\nlisten = '2'\nto = 'c/d'", forward);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(config.MaxTunnels, Is.EqualTo(1000));
            Assert.That(config.ConnectWait, Is.EqualTo(TimeSpan.FromSeconds(10)));
            Assert.That(config.KeepAliveSeconds, Is.Zero);
            Assert.That(config.MarkEnds, Is.False);
            Assert.That(config.Upload, Is.EqualTo(new UploadSettings(UploadMode.Auto, 1_048_576)));
            Assert.That(config.Forwards, Is.EqualTo(new[] { forward }));
        }
    }

    [Test]
    public void Problems_are_found_all_at_once()
    {
        AssertProblems("""
            relay = "relay.example"
            max_tunnels = 250001
            connect_wait = 61
            mark_ends = "yes"
            [[forward]]
            listen = "2222"
            to = "home/ssh"
            [[forward]]
            listen = "127.0.0.1:2222"
            to = "home"
            [[forward]]
            listen = "localhost:1"
            [[forward]]
            listen = "0"
            to = "a/b"
            [[forward]]
            listen = "0"
            to = "a/c"
            """,
            "client.toml:1: relay: must be a URL such as \"https://relay.example\" or \"http://relay.example:8080/ptth/v1\"",
            "client.toml:2: max_tunnels: must be a whole number from 1 to 250000",
            "client.toml:3: connect_wait: must be a whole number of seconds from 0 to 60",
            "client.toml:4: mark_ends: must be true or false, without quotes",
            "client.toml:9: forward.listen: 127.0.0.1:2222 is used in line 6 already",
            "client.toml:10: forward.to: must be SERVER/NAME, such as \"home/ssh\"",
            "client.toml:11: forward.to: is missing; it must be SERVER/NAME, such as \"home/ssh\"",
            "client.toml:12: forward.listen: must be PORT or ADDRESS:PORT with an IP address, such as \"2222\", \"127.0.0.1:2222\" or \"[::1]:2222\"");
        AssertProblems("relay = 'http://a'\nupload = 'chunks'\nsegment_bytes = 1023\n[[forward]]\nlisten = '1'\nto = 'a/b'",
            "client.toml:2: upload: must be \"stream\", \"segments\" or \"auto\"",
            "client.toml:3: segment_bytes: must be a whole number from 1024 to 16777216");
        AssertProblems("relay = 'http://a'", "client.toml: forward: is missing; add [[forward]] with listen and to");
    }

    [TestCase("2222=home/ssh", "127.0.0.1:2222", "home", "ssh")]
    [TestCase("0.0.0.0:2222=home/ssh", "0.0.0.0:2222", "home", "ssh")]
    [TestCase("[::1]:2222=a.b/c_d", "[::1]:2222", "a.b", "c_d")]
    public void Forwards_of_the_command_line(string text, string listen, string server, string port)
    {
        Assert.That(Forward.TryParse(text, out Forward? forward), Is.True);
        Assert.That(forward, Is.EqualTo(new Forward(IPEndPoint.Parse(listen), server, port)));
    }

    [TestCase("")]
    [TestCase("=")]
    [TestCase("2222")]
    [TestCase("2222=")]
    [TestCase("2222=home")]
    [TestCase("2222=home/")]
    [TestCase("2222=/ssh")]
    [TestCase("2222=home/ssh/x")]
    [TestCase("2222=home/*")]
    [TestCase("2222:home/ssh")]
    [TestCase("=home/ssh")]
    [TestCase("::1:2222=home/ssh")]
    [TestCase("localhost:2222=home/ssh")]
    [TestCase("65536=home/ssh")]
    public void Not_forwards(string text)
    {
        Assert.That(Forward.TryParse(text, out Forward? forward), Is.False);
        Assert.That(forward, Is.Null);
    }

    [TestCase("ssh=127.0.0.1:22", "ssh", "127.0.0.1:22")]
    [TestCase("db=[::1]:5432", "db", "[::1]:5432")]
    public void Ports_of_the_command_line(string text, string name, string target)
    {
        Assert.That(PortMapping.TryParse(text, out PortMapping? mapping), Is.True);
        Assert.That(mapping!.Name, Is.EqualTo(name));
        Assert.That(mapping.Target.ToString(), Is.EqualTo(target));
    }

    [TestCase("")]
    [TestCase("ssh")]
    [TestCase("ssh=")]
    [TestCase("=127.0.0.1:22")]
    [TestCase("ssh=22")]
    [TestCase("s h=127.0.0.1:22")]
    [TestCase("ssh=127.0.0.1:0")]
    [TestCase("ssh=a=b:1")]
    public void Not_ports(string text)
    {
        Assert.That(PortMapping.TryParse(text, out PortMapping? mapping), Is.False);
        Assert.That(mapping, Is.Null);
    }
}
