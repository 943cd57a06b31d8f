using NUnit.Framework;
using Ptth.Common.Toml;
using Ptth.Http.Transport;
using Ptth.Http.Transport.Tls;
using Ptth.Relay.Configuration;
using Ptth.Relay.Tls;
using Ptth.Tests.Common;
using Ptth.Tests.Support;

namespace Ptth.Tests.Relay;

/// <summary>The certificate in use, and how renewed files come into use.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class LiveCertificateTests : InProcessTest
{
    private static readonly MadeCertificate Root = MadeCertificate.Authority("root");

    private readonly InProcessTime _time = new();
    private InProcessLog _log = null!;
    private TempDirectory _directory = null!;
    private Ticker _ticker = null!;
    private LiveCertificate _live = null!;
    private string _path = null!;

    [SetUp]
    public void Start()
    {
        _log = Own(new InProcessLog());
        _time.SetUtcNow(DateTimeOffset.UtcNow);
        _directory = Own(new TempDirectory());
        Write(Root.Issue(["first"]));
        _path = _directory.Write("relay.toml", "[tls]\ncertificate = 'cert.pem'\nprivate_key = 'key.pem'\n");
        _ticker = Own(new Ticker(_time));
        _live = Own(new LiveCertificate(Read(), _ticker, _time, _log));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Renewed_files_are_taken_into_use_within_ten_seconds(CancellationToken token)
    {
        TlsServerHandshake first = _live.Handshake;
        MadeCertificate second = Root.Issue(["second"]);
        Write(second);
        Advance(9);
        Assert.That(_live.Handshake, Is.SameAs(first));
        Advance(1);

        await _log.LineAsync($"the certificate for second is in use from now on; it expires on {second.Certificate.NotAfter.ToUniversalTime():u}, {second.Fingerprint}", token);
        Assert.That(_live.Handshake, Is.Not.SameAs(first));
    }

    [Test]
    public void Files_that_are_the_same_are_left_alone()
    {
        TlsServerHandshake first = _live.Handshake;
        CheckNow();
        CheckNow();

        Assert.That(_live.Handshake, Is.SameAs(first));
        Assert.That(_log.Lines, Is.Empty);
    }

    [Test]
    public void Who_asks_gets_an_answer_whether_they_have_changed_or_not()
    {
        _live.Use(Read());
        Assert.That(_log.Lines.Single(), Does.StartWith("the certificate for first is in use from now on"));
    }

    [Test]
    public void A_configuration_that_was_read_again_may_name_other_files()
    {
        MadeCertificate second = Root.Issue(["second"]);
        _directory.Write("second.pem", second.ChainPem);
        _directory.Write("second-key.pem", second.KeyPem);
        _directory.Write("relay.toml", "[tls]\ncertificate = 'second.pem'\nprivate_key = 'second-key.pem'\n");
        _live.Use(Read());
        Assert.That(_log.Lines.Single(), Does.StartWith("the certificate for second is in use from now on"));

        MadeCertificate third = Root.Issue(["third"]);
        _directory.Write("second.pem", third.ChainPem);
        _directory.Write("second-key.pem", third.KeyPem);
        CheckNow();
        Assert.That(_log.Lines[^1], Does.StartWith("the certificate for third is in use from now on"));
    }

    [Test]
    public void One_past_its_time_that_is_read_again_is_told_and_changes_nothing()
    {
        TlsServerHandshake first = _live.Handshake;
        DateTimeOffset now = _time.GetUtcNow();
        Write(Root.Issue(["second"], now.AddDays(-30), now.AddDays(-2)));
        _live.Use(Read());
        Assert.That(_live.Handshake, Is.SameAs(first));
        Assert.That(_log.Lines.Single(), Does.Contain("the certificate in use stays: ").And.Contain("cert.pem is valid from"));
    }

    [Test]
    public void Files_of_no_use_change_nothing_and_are_told_once()
    {
        TlsServerHandshake first = _live.Handshake;
        _directory.Write("cert.pem", Root.Issue(["second"]).ChainPem);
        CheckNow();
        CheckNow();

        Assert.That(_live.Handshake, Is.SameAs(first));
        Assert.That(_log.Lines.Single(), Does.StartWith("the certificate's files cannot be used, the certificate in use stays: ").And.Contain("key.pem does not hold the private key"));
    }

    [TestCase(-30, -2)]
    [TestCase(2, 30)]
    public void A_certificate_that_is_not_in_its_time_does_not_replace_one_that_is(int fromDay, int toDay)
    {
        TlsServerHandshake first = _live.Handshake;
        DateTimeOffset now = _time.GetUtcNow();
        Write(Root.Issue(["second"], now.AddDays(fromDay), now.AddDays(toDay)));
        CheckNow();
        CheckNow();

        Assert.That(_live.Handshake, Is.SameAs(first));
        Assert.That(_log.Lines.Single(), Does.Contain("the certificate in use stays: ").And.Contain("cert.pem is valid from"));
    }

    [Test]
    public void Files_that_come_one_after_the_other_are_taken_when_they_fit()
    {
        TlsServerHandshake first = _live.Handshake;
        MadeCertificate second = Root.Issue(["second"]);
        _directory.Write("cert.pem", second.ChainPem);
        CheckNow();
        Assert.That(_live.Handshake, Is.SameAs(first));
        _directory.Write("key.pem", second.KeyPem);
        CheckNow();

        Assert.That(_live.Handshake, Is.Not.SameAs(first));
        Assert.That(_log.Lines[^1], Does.StartWith("the certificate for second is in use"));
    }

    /// <remarks>Of its chain only the first certificate is there; the rest follows before the next look.</remarks>
    [Test]
    public void A_file_that_is_written_at_that_moment_is_taken_when_it_is_whole([Values(10, 400)] int missing)
    {
        TlsServerHandshake first = _live.Handshake;
        MadeCertificate second = Root.IssueAuthority("between").Issue(["second"]);
        Write(second);
        _directory.Write("cert.pem", second.ChainPem[..^missing]);
        CheckNow();
        Assert.That(_live.Handshake, Is.SameAs(first));
        Assert.That(_log.Lines.Single(), Does.Contain("cert.pem holds a certificate that is damaged or lacks its end"));
        _directory.Write("cert.pem", second.ChainPem);
        CheckNow();

        Assert.That(_live.Handshake, Is.Not.SameAs(first));
        Assert.That(_log.Lines[^1], Does.StartWith("the certificate for second is in use"));
    }

    [Test]
    public void Files_that_are_away_for_a_while_are_told_and_found_again()
    {
        string text = File.ReadAllText(_directory.PathOf("key.pem"));
        File.Delete(_directory.PathOf("key.pem"));
        CheckNow();
        CheckNow();
        Assert.That(_log.Lines.Single(), Does.Contain("key.pem cannot be read: there is no such file"));
        _directory.Write("key.pem", text);
        CheckNow();
        CheckNow();
        Assert.That(_log.Lines, Has.Count.EqualTo(1));
        File.Delete(_directory.PathOf("key.pem"));
        CheckNow();
        Assert.That(_log.Lines, Has.Count.EqualTo(2));
    }

    [Test]
    public void A_certificate_that_grows_old_is_told_when_it_is_late_and_when_it_is_over()
    {
        _time.Advance(TimeSpan.FromDays(60));
        CheckNow();
        Assert.That(_log.Lines, Is.Empty);
        _time.Advance(TimeSpan.FromDays(20));
        CheckNow();
        CheckNow();
        Assert.That(_log.Lines.Single(), Does.StartWith("the certificate expires on"));
        _time.Advance(TimeSpan.FromDays(20));
        CheckNow();
        Assert.That(_log.Lines[^1], Does.StartWith("the certificate expired on"));
    }

    private RelayTls Read() => RelayConfigFile.Load(_path, [], DateTimeOffset.UtcNow, out IReadOnlyList<ConfigProblem> _).Tls!;

    /// <summary>What the ticker starts every ten seconds, here and now.</summary>
    private void CheckNow() => CheckInTurn(_live);

    private void Advance(int seconds)
    {
        for (int i = 0; i < seconds; i++) _time.Advance(TimeSpan.FromSeconds(1));
    }

    private void Write(MadeCertificate certificate)
    {
        _directory.Write("cert.pem", certificate.ChainPem);
        _directory.Write("key.pem", certificate.KeyPem);
    }

    [System.Runtime.CompilerServices.UnsafeAccessor(System.Runtime.CompilerServices.UnsafeAccessorKind.Method, Name = "CheckInTurn")]
    private static extern void CheckInTurn(LiveCertificate live);
}
