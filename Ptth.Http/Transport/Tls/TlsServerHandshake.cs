using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Ptth.Http.Transport.Tls;

/// <summary>The server's side: shows its certificate, and asks for none.</summary>
/// <param name="certificate">What is shown, with the key and the chain; shared by all handshakes with it, which may resume each other's sessions.</param>
public sealed class TlsServerHandshake(SslStreamCertificateContext certificate) : TlsHandshake
{
    // A client of the older version is to reach the answer that tells it what it lacks.
    private static readonly List<SslApplicationProtocol> Protocols = [SslApplicationProtocol.Http11, new("http/1.0")];

    internal override bool IsServer => true;

    internal override Task RunAsync(SslStream stream) => stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
    {
        ServerCertificateContext = certificate,
        EnabledSslProtocols = Versions,
        ApplicationProtocols = Protocols,
        EncryptionPolicy = EncryptionPolicy.RequireEncryption,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        ClientCertificateRequired = false,
        AllowRenegotiation = false,
        AllowTlsResume = true,
    });

    internal override string Describe(Exception failure, TlsSocketStream socket) => Describe(failure, socket, "the peer");
}
