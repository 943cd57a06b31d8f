using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Ptth.Http.Transport.Tls;

/// <summary>The server's side: shows its certificate, and asks for none.</summary>
/// <param name="certificate">What is shown, with the key and the chain; shared by all handshakes with it, which may resume each other's sessions.</param>
public sealed class TlsServerHandshake(SslStreamCertificateContext certificate) : TlsHandshake
{
    internal override bool IsServer => true;

    internal override Task RunAsync(SslStream stream) => stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
    {
        ServerCertificateContext = certificate,
        EnabledSslProtocols = Versions,
        ApplicationProtocols = [SslApplicationProtocol.Http11],
        EncryptionPolicy = EncryptionPolicy.RequireEncryption,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        ClientCertificateRequired = false,
        AllowRenegotiation = false,
        AllowTlsResume = true,
    });

    internal override string Describe(Exception failure, TlsSocketStream socket) => Describe(failure, socket, "the peer");
}
