using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Ptth.Common.Net;
using Ptth.Http.Transport.Tls;

namespace Ptth.Proxy.Tls;

/// <summary>Trusts the relay that shows one of a few known certificates, whoever issued it, whatever its names and its time.</summary>
/// <param name="pins">The fingerprints, at least one.</param>
internal sealed class PinTrust(IReadOnlyList<CertificateFingerprint> pins) : IServerTrust
{
    /// <summary>The most pins: one in use, one to come, and some for a relay that is several machines.</summary>
    public const int MaxPins = 4;

    /// <summary>The same text for the same pins.</summary>
    public override string ToString() => string.Join(' ', pins);

    /// <inheritdoc/>
    public X509ChainPolicy CreatePolicy() => new()
    {
        // The chain does not count; this one takes the least time to build.
        RevocationMode = X509RevocationMode.NoCheck,
        DisableCertificateDownloads = true,
        TrustMode = X509ChainTrustMode.CustomRootTrust,
    };

    /// <inheritdoc/>
    public string? ProblemOf(X509Certificate2 certificate, X509Chain chain, SslPolicyErrors errors, string host)
    {
        var seen = CertificateFingerprint.Of(certificate);
        return pins.Any(seen.Matches)
            ? null
            : $"the relay's certificate is not the pinned one: it has the fingerprint {seen}; pin that only if `ptth-relay check` at the relay prints the same";
    }
}
