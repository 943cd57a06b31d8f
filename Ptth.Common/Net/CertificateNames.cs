using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Ptth.Common.Net;

/// <summary>The names and addresses that a certificate is valid for.</summary>
public static class CertificateNames
{
    /// <summary>As many as a message shows.</summary>
    public const int MaxShown = 8;

    // Longer than a host name can be.
    private const int MaxShownLength = 256;

    private const string AlternativeNamesOid = "2.5.29.17";

    /// <summary>The alternative names (RFC 5280 section 4.2.1.6); where there are none, the common name stands in for them.</summary>
    public static IReadOnlyList<string> Of(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        if (certificate.Extensions[AlternativeNamesOid] is { } extension)
        {
            try
            {
                var names = new X509SubjectAlternativeNameExtension(extension.RawData);
                return [.. names.EnumerateDnsNames(), .. names.EnumerateIPAddresses().Select(static address => address.ToString())];
            }
            catch (CryptographicException)
            {
                // Not what the standard says; nobody can match it either.
                return [];
            }
        }

        string common = certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
        return common.Length > 0 ? [common] : [];
    }

    /// <summary>The names in words, the first few of them.</summary>
    public static string Describe(IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        return names.Count == 0 ? "no name" : string.Join(", ", names.Take(MaxShown).Select(Printable)) + (names.Count > MaxShown ? ", ..." : "");
    }

    /// <summary>A text out of a certificate that anybody may have made, fit for one line of a log.</summary>
    public static string Printable(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return string.Create(Math.Min(text.Length, MaxShownLength), text, static (shown, from) =>
        {
            for (int i = 0; i < shown.Length; i++) shown[i] = from[i] is >= ' ' and <= '~' ? from[i] : '?';
        });
    }
}
