using NUnit.Framework;
using Ptth.Common.Net;
using Ptth.Http.Transport.Tls;
using Ptth.Proxy.Tls;
using Ptth.Tests.Support;

namespace Ptth.Tests.Proxy;

/// <summary>Which relays a proxy trusts, in real handshakes; each means the host <c>localhost</c>.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class RelayTrustTests : InProcessTest
{
    private static readonly MadeCertificate Root = MadeCertificate.Authority("The root");
    private static readonly MadeCertificate Good = Root.Issue(["localhost"]);

    [Test]
    [CancelAfter(30_000)]
    public async Task A_certificate_of_the_authority_is_trusted([Values] KeyKind key, [Values(0, 1, 3)] int between, CancellationToken token)
    {
        MadeCertificate issuer = MadeCertificate.Authority("root");
        for (int i = 0; i < between; i++) issuer = issuer.IssueAuthority($"between {i}", key);
        MadeCertificate leaf = issuer.Issue(["localhost"], key);

        Assert.That(await ProblemOfAsync(leaf, Of(leaf), token), Is.Null);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Of_one_certificate_that_issued_itself_that_itself_is_the_authority(CancellationToken token)
    {
        MadeCertificate self = MadeCertificate.SelfIssued(["localhost"]);
        Assert.That(await ProblemOfAsync(self, Of(self), token), Is.Null);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task An_unknown_issuer(CancellationToken token)
    {
        Assert.That(await ProblemOfAsync(Good, ChainTrust.OfSystem, token),
            Is.EqualTo("the relay's certificate is refused: the system does not trust its issuer, \"The root\": give the authority's certificate (ca_file, --ca-file), or pin the relay's (pin, --pin)"));
        Assert.That(await ProblemOfAsync(Good, Of(MadeCertificate.Authority("Another")), token),
            Does.StartWith("the relay's certificate is refused: it does not lead to an authority in the CA file, by its issuer \"The root\""));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_chain_that_lacks_a_link(CancellationToken token)
    {
        MadeCertificate leaf = Root.IssueAuthority("between").Issue(["localhost"]);
        Assert.That(await ProblemOfAsync(leaf with { Issuers = [Root.Certificate] }, Of(Root), token), Does.Contain("check that file, and that the relay sends its whole chain"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Another_name(CancellationToken token)
    {
        Assert.That(await ProblemOfAsync(Root.Issue(["a.example", "10.0.0.1"]), Of(Root), token),
            Is.EqualTo("the relay's certificate is refused: it is for a.example, 10.0.0.1, not for localhost: use one of its names in the relay's URL, or pin it"));
    }

    /// <remarks>The oldest of all holes: whoever has a server's certificate would be an authority.</remarks>
    [Test]
    [CancelAfter(30_000)]
    public async Task A_server_s_certificate_issues_none(CancellationToken token)
    {
        Assert.That(await ProblemOfAsync(Root.Issue(["elsewhere"]).Issue(["localhost"]), Of(Root), token), Does.StartWith("the relay's certificate is refused"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_certificate_for_clients_is_none_for_a_relay(CancellationToken token)
    {
        Assert.That(await ProblemOfAsync(Root.IssueForClients(["localhost"]), Of(Root), token), Does.StartWith("the relay's certificate is refused"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Only_those_of_the_file_are_authorities([Values] bool sendsRoot, CancellationToken token)
    {
        // An authority between, without its root, leads nowhere; and what the relay sends makes nothing an authority.
        MadeCertificate between = Root.IssueAuthority("between"), leaf = between.Issue(["localhost"]);
        if (sendsRoot) leaf = leaf with { Issuers = [.. leaf.Issuers, Root.Certificate] };
        Assert.That(await ProblemOfAsync(leaf, ChainTrust.Of([between.Certificate]), token), Does.Contain("it does not lead to an authority in the CA file"));
    }

    [TestCase("localhost", "LOCALHOST", true)]
    [TestCase("127.0.0.1", "127.0.0.1", true)]
    [TestCase("::1", "0:0:0:0:0:0:0:1", true)]
    [TestCase("127.0.0.1", "localhost", false)]
    [TestCase("127.0.0.1", "127.0.0.2", false)]
    [TestCase("a.b.example", "*.b.example", true)]
    [TestCase("a.b.example", "*.example", false)]
    [TestCase("a.b.example", "*.*.example", false)]
    [TestCase("example", "*", false)]
    [TestCase("127.0.0.1", "*.0.0.1", false)]
    [TestCase("a.example", "a.example.evil.example", false)]
    [CancelAfter(30_000)]
    public async Task Names_are_those_of_the_certificate(string host, string name, bool isTrusted, CancellationToken token)
    {
        string? problem = await ProblemOfAsync(TlsPair.ServerHandshake(Root.Issue([name])), Of(Root), token, host);
        Assert.That(problem, isTrusted ? Is.Null : Does.Contain($", not for {host}: "));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Another_time(CancellationToken token)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        MadeCertificate expired = Root.Issue(["localhost"], now.AddDays(-5), now.AddDays(-2)), early = Root.Issue(["localhost"], now.AddDays(2), now.AddDays(5));
        Assert.That(await ProblemOfAsync(expired, Of(Root), token),
            Is.EqualTo($"the relay's certificate is refused: it expired on {expired.Certificate.NotAfter.ToUniversalTime():u}: renew it at the relay"));
        Assert.That(await ProblemOfAsync(early, Of(Root), token), Does.Contain("check this machine's clock"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Several_problems_are_told_together(CancellationToken token)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        Assert.That(await ProblemOfAsync(Root.Issue(["x"], now.AddDays(-5), now.AddDays(-2)), ChainTrust.OfSystem, token),
            Does.Contain("it is for x").And.Contain("; it expired on").And.Contain("; the system does not trust"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_pinned_certificate_is_trusted_whatever_it_is(CancellationToken token)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        MadeCertificate strange = MadeCertificate.Authority("x").Issue(["elsewhere"], now.AddDays(-5), now.AddDays(-2), KeyKind.Rsa);
        Assert.That(await ProblemOfAsync(strange, new PinTrust([FingerprintOf(Good), FingerprintOf(strange)]), token), Is.Null);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Any_other_certificate_than_the_pinned_one_is_refused(CancellationToken token)
    {
        // By the same key, even: a pin is of the certificate.
        MadeCertificate other = Root.Issue(["localhost"]);
        Assert.That(await ProblemOfAsync(other, new PinTrust([FingerprintOf(Good), FingerprintOf(Root)]), token),
            Does.StartWith($"the relay's certificate is not the pinned one: it has the fingerprint {other.Fingerprint}"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_session_that_is_resumed_is_checked_again(CancellationToken token)
    {
        // The server's sessions can be resumed by name; the second handshake has another opinion of the same server.
        var handshake = new TlsServerHandshake(TlsPair.ContextOf(Good));
        Assert.That(await ProblemOfAsync(handshake, Of(Root), token), Is.Null);
        Assert.That(await ProblemOfAsync(handshake, Of(Root), token), Is.Null);
        Assert.That(await ProblemOfAsync(handshake, new PinTrust([FingerprintOf(Root)]), token), Does.Contain("is not the pinned one"));
    }

    private static ChainTrust Of(MadeCertificate certificate) => ChainTrust.Of([certificate.Issuers.Count > 0 ? certificate.Issuers[^1] : certificate.Certificate]);

    private static CertificateFingerprint FingerprintOf(MadeCertificate certificate) => CertificateFingerprint.Of(certificate.Certificate);

    private Task<string?> ProblemOfAsync(MadeCertificate shown, IServerTrust trust, CancellationToken token) => ProblemOfAsync(TlsPair.ServerHandshake(shown), trust, token);

    /// <summary>What the client's side says of a server; null where bytes can be exchanged.</summary>
    private async Task<string?> ProblemOfAsync(TlsServerHandshake server, IServerTrust trust, CancellationToken token, string host = "localhost")
    {
        TlsPair pair = Own(TlsPair.Make(server, trust, host));
        Task<bool> accepting = pair.Server.OpenAsync().AsTask();
        try
        {
            await pair.Client.OpenAsync().AsTask().ComesAsync(token);
        }
        catch (TlsException refusal)
        {
            pair.Client.Abort();
            await accepting.ContinueWith(static _ => { }, TaskScheduler.Default).ComesAsync(token);
            return refusal.Message;
        }

        await accepting.ComesAsync(token);
        await pair.Server.SendAsync("x"u8.ToArray());
        Assert.That(await pair.Client.ReceiveAsync(new byte[5]).AsTask().ComesAsync(token), Is.EqualTo(1));
        return null;
    }
}
