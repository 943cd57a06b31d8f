using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Ptth.Common.Net;

namespace Ptth.Relay.Tls;

/// <summary>A certificate with its key and its chain, as read from two PEM files.</summary>
internal sealed class ServerCertificate
{
    /// <summary>
    /// How much of its life a certificate has left when it ought to have been renewed: renewals mostly come when a third is left.
    /// </summary>
    private const double LateFraction = 0.2;

    /// <summary>No certificate is called late earlier than that.</summary>
    private static readonly TimeSpan MostLate = TimeSpan.FromDays(14);

    private readonly X509Certificate2 _leaf;

    private ServerCertificate(X509Certificate2 leaf, X509Certificate2Collection others)
    {
        _leaf = leaf;
        ChainLength = others.Count;
        // Offline: the relay asks nobody for the rest of a chain, nor for its revocation.
        Context = SslStreamCertificateContext.Create(leaf, others, offline: true);
    }

    /// <summary>What handshakes show.</summary>
    public SslStreamCertificateContext Context { get; }

    /// <summary>How many further certificates the file has.</summary>
    public int ChainLength { get; }

    /// <summary>Whom it is for.</summary>
    public string Subject => _leaf.Subject;

    /// <summary>The names and addresses that it is valid for, as a client checks them.</summary>
    public IReadOnlyList<string> Names => CertificateNames.Of(_leaf);

    /// <summary>From when on it is valid.</summary>
    public DateTime NotBefore => _leaf.NotBefore.ToUniversalTime();

    /// <summary>Until when it is valid.</summary>
    public DateTime NotAfter => _leaf.NotAfter.ToUniversalTime();

    /// <summary>What proxies may pin: <c>sha256:</c> and 64 hexadecimal digits.</summary>
    public string Fingerprint => CertificateFingerprint.Of(_leaf).ToString();

    /// <summary>Takes the certificate and the key out of the files' texts. Null where they are of no use; then that was reported.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="files">Their paths, for the report.</param>
    /// <param name="report">Takes the key in the configuration, and what is wrong with its file.</param>
    public static ServerCertificate? Parse(CertificateTexts texts, CertificateFiles files, Action<string, string> report)
    {
        X509Certificate2Collection? chain = CertificatePem.Parse(texts.Certificate, out string problem);
        if (chain is null)
        {
            report(CertificateFiles.CertificateKey, $"{files.Certificate} {problem}");
            return null;
        }

        X509Certificate2? leaf = PrivateKeyPem.Join(chain[0], texts.PrivateKey, out problem);
        if (leaf is null)
        {
            report(CertificateFiles.PrivateKeyKey, $"{files.PrivateKey} {problem}");
            return null;
        }

        chain.RemoveAt(0);
        return new ServerCertificate(leaf, chain);
    }

    /// <summary>Whether it has begun and not ended.</summary>
    public bool IsInItsTime(DateTimeOffset now) => now.UtcDateTime >= NotBefore && now.UtcDateTime < NotAfter;

    /// <summary>What clients will object to, now or soon; null where its time is right.</summary>
    public string? TimeProblem(DateTimeOffset now)
    {
        DateTime utc = now.UtcDateTime;
        if (utc >= NotAfter) return $"expired on {NotAfter:u}: proxies that do not pin it refuse it; renew it";
        if (utc < NotBefore) return $"is valid from {NotBefore:u} on only: check the clock of this machine";
        TimeSpan late = (NotAfter - NotBefore) * LateFraction;
        if (late > MostLate) late = MostLate;
        return utc >= NotAfter - late ? $"expires on {NotAfter:u}: check that its renewal works" : null;
    }
}
