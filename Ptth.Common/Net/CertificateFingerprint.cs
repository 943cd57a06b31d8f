using System.Buffers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Ptth.Common.Net;

/// <summary>SHA-256 over a whole certificate: <c>sha256:</c> and 64 hexadecimal digits.</summary>
public sealed class CertificateFingerprint
{
    /// <summary>What a fingerprint must be, for error texts.</summary>
    public const string Expected = "must be \"sha256:\" and 64 hex digits, as `ptth-relay check` prints it, or pairs of digits with colons as openssl does";

    private const string Prefix = "sha256:";
    private const int Bytes = SHA256.HashSizeInBytes;

    private readonly byte[] _hash;

    private CertificateFingerprint(byte[] hash) => _hash = hash;

    /// <summary>A certificate's.</summary>
    public static CertificateFingerprint Of(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return new CertificateFingerprint(SHA256.HashData(certificate.RawDataMemory.Span));
    }

    /// <summary>Reads <c>sha256:</c> and 64 digits of either case, or 32 pairs of digits with colons between them, with or without the prefix.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out CertificateFingerprint? fingerprint)
    {
        fingerprint = null;
        bool hasPrefix = text.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);
        if (hasPrefix) text = text[Prefix.Length..];
        Span<char> digits = stackalloc char[2 * Bytes];
        if (text.Length == (3 * Bytes) - 1)
        {
            for (int i = 0; i < Bytes; i++)
            {
                if (i > 0 && text[(3 * i) - 1] != ':') return false;
                text.Slice(3 * i, 2).CopyTo(digits[(2 * i)..]);
            }
        }
        else if (hasPrefix && text.Length == digits.Length)
        {
            text.CopyTo(digits);
        }
        else
        {
            return false;
        }

        byte[] hash = new byte[Bytes];
        if (Convert.FromHexString(digits, hash, out _, out _) != OperationStatus.Done) return false;
        fingerprint = new CertificateFingerprint(hash);
        return true;
    }

    /// <summary>Whether it is that certificate's. It is no secret, but comparing in constant time costs nothing.</summary>
    public bool Matches(CertificateFingerprint other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return CryptographicOperations.FixedTimeEquals(_hash, other._hash);
    }

    /// <summary><c>sha256:</c> and the digits.</summary>
    public override string ToString() => Prefix + Convert.ToHexStringLower(_hash);
}
