using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Ptth.Common.Net;

/// <summary>Certificates in PEM form (RFC 7468), one behind the other.</summary>
public static class CertificatePem
{
    private const string Begin = "-----BEGIN CERTIFICATE-----";

    /// <summary>All certificates of a text, at least one. Null where one is of no use; then <paramref name="problem"/> says what is wrong.</summary>
    /// <remarks>The framework passes over what is not whole: a file that is still being written would be a chain without its end.</remarks>
    public static X509Certificate2Collection? Parse(string text, out string problem)
    {
        ArgumentNullException.ThrowIfNull(text);
        problem = "";
        int begun = text.AsSpan().Count(Begin);
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(text);
        }
        catch (CryptographicException)
        {
            certificates.Clear();
        }

        if (begun > 0 && certificates.Count == begun) return certificates;
        problem = begun == 0
            ? $"holds no certificate in PEM form, \"{Begin}\""
            : "holds a certificate that is damaged or lacks its end; copy the file again";
        return null;
    }
}
