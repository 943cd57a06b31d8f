using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Ptth.Tests.Support;

/// <summary>The algorithm of a made certificate's key.</summary>
internal enum KeyKind
{
    /// <summary>An elliptic curve, P-256.</summary>
    Ecdsa,

    /// <summary>RSA, 2048 bits.</summary>
    Rsa,
}

/// <summary>A certificate with its key, made for a test, and those that lead from it to its root.</summary>
/// <param name="Certificate">The certificate with its key.</param>
/// <param name="Issuers">Who issued it, who issued that, and so on, the root last; none where it issued itself.</param>
internal sealed record MadeCertificate(X509Certificate2 Certificate, IReadOnlyList<X509Certificate2> Issuers)
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    /// <summary>The certificate and all between it and the root, as a server sends them.</summary>
    public string ChainPem
    {
        get
        {
            var pem = new StringBuilder(Certificate.ExportCertificatePem());
            foreach (X509Certificate2 issuer in Issuers.SkipLast(1)) pem.Append('\n').Append(issuer.ExportCertificatePem());
            return pem.Append('\n').ToString();
        }
    }

    /// <summary>The root alone, as a client trusts it.</summary>
    public string RootPem => (Issuers.Count > 0 ? Issuers[^1] : Certificate).ExportCertificatePem() + "\n";

    /// <summary>The private key, PKCS #8.</summary>
    public string KeyPem => Key(Certificate).ExportPkcs8PrivateKeyPem() + "\n";

    /// <summary>The fingerprint as hexadecimal digits.</summary>
    public string Fingerprint => "sha256:" + Convert.ToHexStringLower(Certificate.GetCertHash(HashAlgorithmName.SHA256));

    /// <summary>An authority that issued itself.</summary>
    public static MadeCertificate Authority(string name, KeyKind kind = KeyKind.Ecdsa) => Make(name, [], null, kind, isAuthority: true, Now.AddYears(-5), Now.AddYears(5));

    /// <summary>A server's certificate that issued itself.</summary>
    public static MadeCertificate SelfIssued(IReadOnlyList<string> names, KeyKind kind = KeyKind.Ecdsa) =>
        Make(names[0], names, null, kind, isAuthority: false, Now.AddDays(-1), Now.AddDays(90));

    /// <summary>An authority below this one.</summary>
    public MadeCertificate IssueAuthority(string name, KeyKind kind = KeyKind.Ecdsa) =>
        Make(name, [], this, kind, isAuthority: true, Now.AddYears(-4), Now.AddYears(4));

    /// <summary>A server's certificate, valid for 90 days.</summary>
    public MadeCertificate Issue(IReadOnlyList<string> names, KeyKind kind = KeyKind.Ecdsa) => Issue(names, Now.AddDays(-1), Now.AddDays(89), kind);

    /// <summary>A server's certificate for a while.</summary>
    public MadeCertificate Issue(IReadOnlyList<string> names, DateTimeOffset from, DateTimeOffset to, KeyKind kind = KeyKind.Ecdsa) =>
        Make(names.Count > 0 ? names[0] : "nobody", names, this, kind, isAuthority: false, from, to);

    /// <summary>A certificate for clients only (RFC 5280 section 4.2.1.12).</summary>
    public MadeCertificate IssueForClients(IReadOnlyList<string> names) =>
        Make(names[0], names, this, KeyKind.Ecdsa, isAuthority: false, Now.AddDays(-1), Now.AddDays(89), usage: "1.3.6.1.5.5.7.3.2");

    private static MadeCertificate Make(
        string subject, IReadOnlyList<string> names, MadeCertificate? issuer, KeyKind kind, bool isAuthority, DateTimeOffset from, DateTimeOffset to,
        string? usage = null)
    {
        using AsymmetricAlgorithm key = kind == KeyKind.Rsa ? RSA.Create(2048) : ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var name = new X500DistinguishedName($"CN={subject}");
        CertificateRequest request = key is RSA rsa
            ? new CertificateRequest(name, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest(name, (ECDsa)key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        if (usage is not null) request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], critical: false));
        if (names.Count > 0)
        {
            var alternatives = new SubjectAlternativeNameBuilder();
            foreach (string alternative in names)
            {
                if (IPAddress.TryParse(alternative, out IPAddress? address)) alternatives.AddIpAddress(address);
                else alternatives.AddDnsName(alternative);
            }

            request.CertificateExtensions.Add(alternatives.Build());
        }

        // The key of the issuer signs, by its own algorithm.
        using X509Certificate2 bare = issuer is null
            ? request.CreateSelfSigned(from, to)
            : request.Create(issuer.Certificate.SubjectName, GeneratorOf(issuer.Certificate), from, to, RandomNumberGenerator.GetBytes(8));
        X509Certificate2 joined = bare.HasPrivateKey
            ? X509CertificateLoader.LoadPkcs12(bare.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable)
            : key is RSA rsaKey ? bare.CopyWithPrivateKey(rsaKey) : bare.CopyWithPrivateKey((ECDsa)key);
        return new MadeCertificate(joined, issuer is null ? [] : [issuer.Certificate, .. issuer.Issuers]);
    }

    private static X509SignatureGenerator GeneratorOf(X509Certificate2 issuer) => Key(issuer) switch
    {
        RSA rsa => X509SignatureGenerator.CreateForRSA(rsa, RSASignaturePadding.Pkcs1),
        var key => X509SignatureGenerator.CreateForECDsa((ECDsa)key),
    };

    private static AsymmetricAlgorithm Key(X509Certificate2 certificate) =>
        (AsymmetricAlgorithm?)certificate.GetRSAPrivateKey() ?? certificate.GetECDsaPrivateKey()!;
}
