using NUnit.Framework;
using Ptth.Common.Net;
using Ptth.Tests.Support;

namespace Ptth.Tests.Common;

internal sealed class CertificateFingerprintTests
{
    private static readonly string Digits = string.Concat(Enumerable.Range(0xa0, 32).Select(value => value.ToString("x2", null)));
    private static readonly string Pairs = string.Join(':', Enumerable.Range(0xa0, 32).Select(value => value.ToString("X2", null)));

    private static IEnumerable<string> Good => ["sha256:" + Digits, "SHA256:" + Digits.ToUpperInvariant(), Pairs, "sha256:" + Pairs, Pairs.ToLowerInvariant()];

    private static IEnumerable<string> Bad =>
        ["", "sha256:", Digits, "sha1:" + Digits, "sha256:" + Digits[1..], "sha256:" + Digits + "0", "sha256:" + Digits[1..] + "g", Pairs[..^1] + "g", Pairs.Replace(':', '-'), Pairs + ":", " " + Pairs];

    [TestCaseSource(nameof(Good))]
    public void Forms_that_are_read(string text)
    {
        Assert.That(CertificateFingerprint.TryParse(text, out CertificateFingerprint? fingerprint), Is.True);
        Assert.That(fingerprint!.ToString(), Is.EqualTo("sha256:" + Digits));
    }

    [TestCaseSource(nameof(Bad))]
    public void Forms_that_are_not(string text) => Assert.That(CertificateFingerprint.TryParse(text, out _), Is.False);

    [Test]
    public void A_certificate_has_its_own()
    {
        MadeCertificate made = MadeCertificate.SelfIssued(["a"]), other = MadeCertificate.SelfIssued(["a"]);
        var fingerprint = CertificateFingerprint.Of(made.Certificate);

        Assert.That(fingerprint.ToString(), Is.EqualTo(made.Fingerprint));
        Assert.That(CertificateFingerprint.TryParse(made.Fingerprint, out CertificateFingerprint? parsed) && parsed.Matches(fingerprint), Is.True);
        Assert.That(fingerprint.Matches(CertificateFingerprint.Of(other.Certificate)), Is.False);
    }

    [Test]
    public void Names_fit_one_line_of_a_log()
    {
        MadeCertificate made = MadeCertificate.SelfIssued(["a.example", "*.b.example", "10.0.0.1", "::1"]);

        Assert.That(CertificateNames.Of(made.Certificate), Is.EqualTo(new[] { "a.example", "*.b.example", "10.0.0.1", "::1" }));
        Assert.That(CertificateNames.Of(MadeCertificate.Authority("only a subject").Certificate), Is.EqualTo(new[] { "only a subject" }));
        Assert.That(CertificateNames.Describe(["a\nb", "c\u202ed"]), Is.EqualTo("a?b, c?d"));
        Assert.That(CertificateNames.Describe([.. Enumerable.Repeat("x", CertificateNames.MaxShown + 1)]), Does.EndWith("x, ..."));
        Assert.That(CertificateNames.Describe([]), Is.EqualTo("no name"));
        Assert.That(CertificateNames.Printable(new string('x', 1_000)), Has.Length.EqualTo(256));
    }
}
