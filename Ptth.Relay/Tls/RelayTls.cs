using System.Net;

namespace Ptth.Relay.Tls;

/// <summary>What a relay that speaks TLS is told.</summary>
/// <param name="Listen">The addresses on which TLS is spoken, at least one.</param>
/// <param name="Files">Where the certificate is.</param>
/// <param name="Texts">What the files held at the start.</param>
/// <param name="Certificate">The certificate in them.</param>
internal sealed record RelayTls(IReadOnlyList<IPEndPoint> Listen, CertificateFiles Files, CertificateTexts Texts, ServerCertificate Certificate);
