using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Ptth.Relay.Tls;

/// <summary>Joins a certificate with its private key in PEM form: PKCS #8 (RFC 5958), or the older forms for RSA and for elliptic curves.</summary>
internal static class PrivateKeyPem
{
    private const string RsaOid = "1.2.840.113549.1.1.1";
    private const string EllipticCurveOid = "1.2.840.10045.2.1";

    /// <summary>The certificate with its key. Null where they do not fit; then <paramref name="problem"/> says why and what would be right.</summary>
    public static X509Certificate2? Join(X509Certificate2 certificate, string keyText, out string problem)
    {
        problem = "";
        if (!keyText.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
        {
            problem = "holds no private key in PEM form, \"-----BEGIN PRIVATE KEY-----\"";
            return null;
        }

        if (keyText.Contains("ENCRYPTED", StringComparison.Ordinal))
        {
            problem = "holds an encrypted private key, and nobody could type its password; take it off: openssl pkey -in OLD -out NEW";
            return null;
        }

        try
        {
            return certificate.GetKeyAlgorithm() switch
            {
                RsaOid => JoinRsa(certificate, keyText),
                EllipticCurveOid => JoinEllipticCurve(certificate, keyText),
                _ => Refuse("cannot be used: the certificate's key is neither RSA nor ECDSA", out problem),
            };
        }
        catch (Exception failure) when (failure is ArgumentException or CryptographicException)
        {
            return Refuse("does not hold the private key of the certificate: both come out of the same request", out problem);
        }
    }

    private static X509Certificate2 JoinRsa(X509Certificate2 certificate, string keyText)
    {
        using var key = RSA.Create();
        key.ImportFromPem(keyText);
        return certificate.CopyWithPrivateKey(key);
    }

    private static X509Certificate2 JoinEllipticCurve(X509Certificate2 certificate, string keyText)
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(keyText);
        return certificate.CopyWithPrivateKey(key);
    }

    private static X509Certificate2? Refuse(string why, out string problem)
    {
        problem = why;
        return null;
    }
}
