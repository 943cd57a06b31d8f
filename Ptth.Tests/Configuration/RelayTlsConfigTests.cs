using System.Net;
using NUnit.Framework;
using Ptth.Common.Toml;
using Ptth.Relay.Commands;
using Ptth.Relay.Configuration;
using Ptth.Tests.Common;
using Ptth.Tests.Support;

namespace Ptth.Tests.Configuration;

/// <summary>The relay's <c>[tls]</c>, and the files that it names.</summary>
internal sealed class RelayTlsConfigTests
{
    private const string Files = "certificate = 'cert.pem'\nprivate_key = 'key.pem'\n";

    private static readonly MadeCertificate Made = MadeCertificate.Authority("root").IssueAuthority("between").Issue(["relay.example", "10.0.0.1"]);

    private TempDirectory _directory = null!;

    [SetUp]
    public void SetUp()
    {
        _directory = new TempDirectory();
        _directory.Write("cert.pem", Made.ChainPem);
        _directory.Write("key.pem", Made.KeyPem);
    }

    [TearDown]
    public void TearDown() => _directory.Dispose();

    [Test]
    public void Without_addresses_of_its_own_all_speak_TLS()
    {
        RelayConfig config = Load("listen = ['127.0.0.1:1']\n[tls]\n" + Files, out _);
        Assert.That(config.Listen, Is.Empty);
        Assert.That(config.Tls!.Listen, Is.EqualTo(new[] { IPEndPoint.Parse("127.0.0.1:1") }));
        Assert.That(config.Tls.Certificate.Fingerprint, Is.EqualTo(Made.Fingerprint));
        Assert.That(config.Tls.Certificate.ChainLength, Is.EqualTo(1));

        Assert.That(Load("[tls]\n" + Files, out _).Tls!.Listen, Is.EqualTo(new[] { IPEndPoint.Parse("0.0.0.0:8080"), IPEndPoint.Parse("[::]:8080") }));
        Assert.That(Load("[tls]\n" + Files, out _, IPEndPoint.Parse("127.0.0.1:9")).Tls!.Listen, Is.EqualTo(new[] { IPEndPoint.Parse("127.0.0.1:9") }));
    }

    [Test]
    public void With_addresses_of_its_own_the_others_are_plain_and_there_need_not_be_any()
    {
        const string Tls = "[tls]\nlisten = ['127.0.0.1:2']\n" + Files;
        RelayConfig both = Load("listen = ['127.0.0.1:1']\n" + Tls, out _);
        Assert.That(both.Listen, Is.EqualTo(new[] { IPEndPoint.Parse("127.0.0.1:1") }));
        Assert.That(both.Tls!.Listen, Is.EqualTo(new[] { IPEndPoint.Parse("127.0.0.1:2") }));

        Assert.That(Load(Tls, out _).Listen, Is.Empty);
        Assert.That(Load(Tls, out _, IPEndPoint.Parse("127.0.0.1:9")).Listen, Is.EqualTo(new[] { IPEndPoint.Parse("127.0.0.1:9") }));
    }

    [Test]
    public void No_address_speaks_both() => AssertProblems(
        "listen = ['127.0.0.1:1']\n[tls]\nlisten = ['127.0.0.1:1']\n" + Files, "relay.toml:3: tls.listen: has 127.0.0.1:1 in line 1 already");

    [Test]
    public void Both_files_must_be_named() => AssertProblems(
        "[tls]\n",
        "relay.toml:1: tls.certificate: is missing; it must name the file of the certificate and its chain, such as \"fullchain.pem\"",
        "relay.toml:1: tls.private_key: is missing; it must name the file of the certificate's private key, such as \"privkey.pem\"");

    [Test]
    public void Both_files_must_be_there() => AssertProblems(
        "[tls]\ncertificate = 'no.pem'\nprivate_key = 'none.pem'\n",
        "relay.toml:2: tls.certificate: no.pem cannot be read: there is no such file",
        "relay.toml:3: tls.private_key: none.pem cannot be read: there is no such file");

    [Test]
    public void A_certificate_must_be_one()
    {
        _directory.Write("cert.pem", "nothing");
        AssertProblems("[tls]\n" + Files, "relay.toml:2: tls.certificate: cert.pem holds no certificate in PEM form, \"-----BEGIN CERTIFICATE-----\"");
        _directory.Write("cert.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        AssertProblems("[tls]\n" + Files, "relay.toml:2: tls.certificate: cert.pem holds a certificate that is damaged or lacks its end; copy the file again");
    }

    [Test]
    public void A_key_must_be_the_certificate_s()
    {
        const string Wrong = "relay.toml:3: tls.private_key: key.pem does not hold the private key of the certificate: both come out of the same request";
        _directory.Write("key.pem", MadeCertificate.SelfIssued(["x"]).KeyPem);
        AssertProblems("[tls]\n" + Files, Wrong);
        _directory.Write("key.pem", MadeCertificate.SelfIssued(["x"], KeyKind.Rsa).KeyPem);
        AssertProblems("[tls]\n" + Files, Wrong);
        _directory.Write("key.pem", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
        AssertProblems("[tls]\n" + Files, Wrong);
        _directory.Write("key.pem", Made.ChainPem);
        AssertProblems("[tls]\n" + Files, "relay.toml:3: tls.private_key: key.pem holds no private key in PEM form, \"-----BEGIN PRIVATE KEY-----\"");
        _directory.Write("key.pem", "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n");
        AssertProblems("[tls]\n" + Files,
            "relay.toml:3: tls.private_key: key.pem holds an encrypted private key, and nobody could type its password; take it off: openssl pkey -in OLD -out NEW");
    }

    [Test]
    public void A_key_that_others_can_read_is_refused_with_the_remedy()
    {
        if (OperatingSystem.IsWindows()) return;
        _directory.SetMode("key.pem", UnixFileMode.UserRead | UnixFileMode.GroupRead);
        AssertProblems("[tls]\n" + Files, "relay.toml:3: tls.private_key: key.pem holds a private key and can be read by others; run: chmod 600 key.pem");
    }

    [Test]
    public void Older_forms_of_keys_are_read()
    {
        MadeCertificate rsa = MadeCertificate.SelfIssued(["x"], KeyKind.Rsa);
        _directory.Write("cert.pem", rsa.ChainPem);
        _directory.Write("key.pem", System.Security.Cryptography.X509Certificates.RSACertificateExtensions.GetRSAPrivateKey(rsa.Certificate)!.ExportRSAPrivateKeyPem());
        Assert.That(Load("[tls]\n" + Files, out _).Tls, Is.Not.Null);
        _directory.Write("cert.pem", Made.ChainPem);
        _directory.Write("key.pem", System.Security.Cryptography.X509Certificates.ECDsaCertificateExtensions.GetECDsaPrivateKey(Made.Certificate)!.ExportECPrivateKeyPem());
        Assert.That(Load("[tls]\n" + Files, out _).Tls, Is.Not.Null);
    }

    [TestCase(-10, -1, "expired on")]
    [TestCase(1, 10, "is valid from")]
    [TestCase(-80, 10, "expires on")]
    [TestCase(-10, 80, null)]
    public void A_time_that_is_not_right_is_a_note(int fromDays, int toDays, string? expected)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        MadeCertificate made = MadeCertificate.Authority("root").Issue(["x"], now.AddDays(fromDays), now.AddDays(toDays));
        _directory.Write("cert.pem", made.ChainPem);
        _directory.Write("key.pem", made.KeyPem);

        Load("\n[tls]\n" + Files, out string[] notes);

        string[] own = [.. notes.Where(note => note.Contains("tls", StringComparison.Ordinal))];
        if (expected is null) Assert.That(own, Is.Empty);
        else Assert.That(own.Single(), Does.StartWith($"relay.toml:2: tls.certificate: cert.pem {expected}"));
    }

    [Test]
    public async Task Check_prints_what_proxies_need_to_know()
    {
        string path = _directory.Write("relay.toml", "listen = ['127.0.0.1:1']\n[tls]\n" + Files);
        ProgramRun run = await ProgramRun.Of("ptth-relay", RelayProgram.RunAsync, ["check", "--config", path]);

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(run.Output, Does.Contain("listen on 127.0.0.1:1 with TLS")
            .And.Contain("CN=relay.example, with 1 more of its chain").And.Contain("is for relay.example, 10.0.0.1")
            .And.Contain($"to {Made.Certificate.NotAfter.ToUniversalTime():u}").And.Contain(Made.Fingerprint));
    }

    private RelayConfig Load(string text, out string[] notes, params IPEndPoint[] listen)
    {
        RelayConfig config = RelayConfigFile.Load(_directory.Write("relay.toml", text), listen, DateTimeOffset.UtcNow, out IReadOnlyList<ConfigProblem> found);
        notes = [.. found.Select(Relative)];
        return config;
    }

    private void AssertProblems(string text, params string[] expected)
    {
        ConfigException exception = Assert.Throws<ConfigException>(() => Load(text, out _))!;
        Assert.That(exception.Problems.Select(Relative), Is.EqualTo(expected));
    }

    private string Relative(ConfigProblem problem) => problem.ToString().Replace(_directory.Path + Path.DirectorySeparatorChar, "", StringComparison.Ordinal);
}
