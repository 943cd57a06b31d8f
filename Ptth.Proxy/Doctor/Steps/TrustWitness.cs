using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Ptth.Common.Net;
using Ptth.Http.Transport.Tls;

namespace Ptth.Proxy.Doctor.Steps;

/// <summary>Decides as another one does, and keeps what was seen.</summary>
/// <param name="trust">The one that decides.</param>
internal sealed class TrustWitness(IServerTrust trust) : IServerTrust
{
    /// <summary>The certificate that the server showed; null where it showed none.</summary>
    public SeenCertificate? Certificate { get; private set; }

    /// <inheritdoc/>
    public X509ChainPolicy CreatePolicy() => trust.CreatePolicy();

    /// <inheritdoc/>
    public string? ProblemOf(X509Certificate2 certificate, X509Chain chain, SslPolicyErrors errors, string host)
    {
        Certificate = new SeenCertificate(
            CertificateNames.Of(certificate),
            CertificateNames.Printable(certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: true)),
            certificate.NotAfter.ToUniversalTime());
        return trust.ProblemOf(certificate, chain, errors, host);
    }
}
