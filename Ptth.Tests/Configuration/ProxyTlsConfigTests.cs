using NUnit.Framework;
using Ptth.Common.Cli;
using Ptth.Common.Net;
using Ptth.Common.Protocol;
using Ptth.Common.Toml;
using Ptth.Http.Transport.Tls;
using Ptth.Proxy.Configuration;
using Ptth.Proxy.Tls;
using Ptth.Tests.Common;
using Ptth.Tests.Support;

namespace Ptth.Tests.Configuration;

/// <summary>The proxies' <c>[tls]</c>, and the options in its place.</summary>
internal sealed class ProxyTlsConfigTests
{
    private const string Rest = "[[port]]\nname = 'ssh'\ntarget = '127.0.0.1:22'\n";
    private const string Https = "relay = 'https://relay.example'\n";
    private const string ExpectedPin = "must be \"sha256:\" and 64 hex digits, as `ptth-relay check` prints it, or pairs of digits with colons as openssl does";

    private static readonly MadeCertificate Made = MadeCertificate.SelfIssued(["relay.example"]);

    private TempDirectory _directory = null!;

    [SetUp]
    public void SetUp()
    {
        _directory = new TempDirectory();
        _directory.Write("ca.pem", Made.RootPem);
    }

    [TearDown]
    public void TearDown() => _directory.Dispose();

    [Test]
    public void The_system_decides_where_nothing_is_said()
    {
        Assert.That(Load(Https + Rest), Is.SameAs(ChainTrust.OfSystem));
        Assert.That(Load(Https + "[tls]\n" + Rest), Is.SameAs(ChainTrust.OfSystem));
    }

    [Test]
    public void A_plain_relay_has_no_trust() => Assert.That(Load("relay = 'http://relay.example'\n" + Rest), Is.Null);

    [Test]
    public void Of_the_file()
    {
        Assert.That(Load(Https + "[tls]\nca_file = 'ca.pem'\n" + Rest), Is.TypeOf<ChainTrust>().And.Not.SameAs(ChainTrust.OfSystem));
        Assert.That(Load(Https + $"[tls]\npin = '{Made.Fingerprint}'\n" + Rest), Is.TypeOf<PinTrust>());
        string pins = string.Join(", ", Enumerable.Repeat($"'{Made.Fingerprint}'", PinTrust.MaxPins));
        Assert.That(Load(Https + $"[tls]\npin = [{pins}]\n" + Rest), Is.TypeOf<PinTrust>());
    }

    [Test]
    public void Options_stand_in_for_the_file()
    {
        Assert.That(Load(Https + "[tls]\nca_file = 'ca.pem'\n" + Rest, pins: [Made.Fingerprint]), Is.TypeOf<PinTrust>());
        Assert.That(Load(Https + $"[tls]\npin = '{Made.Fingerprint}'\n" + Rest, caFile: "ca.pem"), Is.TypeOf<ChainTrust>());
        Assert.That(Load(Https + Rest, caFile: "ca.pem"), Is.Not.SameAs(ChainTrust.OfSystem));
    }

    [Test]
    public void Problems_of_the_file()
    {
        AssertProblems(Https + $"[tls]\nca_file = 'ca.pem'\npin = '{Made.Fingerprint}'\n" + Rest,
            "server.toml:4: tls.pin: cannot be given together with ca_file, in line 3: a pin alone decides");
        AssertProblems(Https + "[tls]\npin = 'abc'\n" + Rest, "server.toml:3: tls.pin: \"abc\" " + ExpectedPin);
        AssertProblems(Https + "[tls]\npin = []\n" + Rest, "server.toml:3: tls.pin: must be one fingerprint, or an array of up to 4");
        string pins = string.Join(", ", Enumerable.Repeat($"'{Made.Fingerprint}'", PinTrust.MaxPins + 1));
        AssertProblems(Https + $"[tls]\npin = [{pins}]\n" + Rest, "server.toml:3: tls.pin: must be one fingerprint, or an array of up to 4");
        AssertProblems(Https + "[tls]\npin = 5\n" + Rest, "server.toml:3: tls.pin: must be an array of texts in quotes: [\"...\", \"...\"]");
        AssertProblems(Https + "[tls]\nca_file = 'no.pem'\n" + Rest, "server.toml:3: tls.ca_file: no.pem cannot be read: there is no such file");
        AssertProblems(Https + "[tls]\nca_file = 'server.toml'\n" + Rest,
            "server.toml:3: tls.ca_file: server.toml holds no certificate in PEM form, \"-----BEGIN CERTIFICATE-----\"");
        _directory.Write("half.pem", Made.RootPem + Made.RootPem[..^40]);
        AssertProblems(Https + "[tls]\nca_file = 'half.pem'\n" + Rest,
            "server.toml:3: tls.ca_file: half.pem holds a certificate that is damaged or lacks its end; copy the file again");
        AssertProblems("relay = 'http://relay.example'\n[tls]\n" + Rest,
            "server.toml:2: tls: needs a relay with https://; http://relay.example/v1 has no TLS");
        AssertProblems(Https + "[tls]\ninsecure = true\n" + Rest, "server.toml:3: tls.insecure: unknown key; known here are ca_file, pin");
    }

    [Test]
    public void Problems_of_the_options()
    {
        string Usage(string text, string? caFile = null, params string[] pins) => Assert.Throws<UsageException>(() => Load(text, caFile, pins))!.Message;

        Assert.That(Usage(Https + Rest, "ca.pem", Made.Fingerprint), Does.StartWith("--ca-file and --pin cannot be given together"));
        Assert.That(Usage("relay = 'http://a'\n" + Rest, "ca.pem"), Is.EqualTo("--ca-file and --pin need a relay with https://; http://a/v1 has no TLS"));
        Assert.That(Usage(Https + Rest, null, [.. Enumerable.Repeat(Made.Fingerprint, PinTrust.MaxPins + 1)]), Is.EqualTo("--pin can be given 4 times at most"));
        ConfigException missing = Assert.Throws<ConfigException>(() => Load(Https + Rest, "no.pem"))!;
        Assert.That(missing.Problems.Single().ToString(), Does.EndWith("no.pem: cannot be read: there is no such file"));
    }

    private IServerTrust? Load(string text, string? caFile = null, IReadOnlyList<string>? pins = null) => ServerConfigFile.Load(Sources(text, caFile, pins ?? []), [], null).Trust;

    private ProxySources Sources(string text, string? caFile, IReadOnlyList<string> pins) => new()
    {
        ConfigPath = _directory.Write("server.toml", text),
        CaFile = caFile is null ? null : _directory.PathOf(caFile),
        Pins = [.. pins.Select(pin => CertificateFingerprint.TryParse(pin, out CertificateFingerprint? parsed) ? parsed : throw new ArgumentException(pin, nameof(pins)))],
        Variable = name => name == ProxySources.KeyVariable ? PtthKey.Generate().Reveal() : null,
    };

    private void AssertProblems(string text, params string[] expected)
    {
        ConfigException exception = Assert.Throws<ConfigException>(() => Load(text))!;
        Assert.That(exception.Problems.Select(problem => problem.ToString().Replace(_directory.Path + Path.DirectorySeparatorChar, "", StringComparison.Ordinal)),
            Is.EqualTo(expected));
    }
}
