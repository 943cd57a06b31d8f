using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Ptth.Http.Transport.Tls;

/// <summary>The client's side of one handshake: names the host it means, and checks that the server is it.</summary>
/// <param name="host">A host name, which is sent to the server (RFC 6066 section 3), or an IP address, which is not.</param>
/// <param name="trust">Decides about the server.</param>
public sealed class TlsClientHandshake(string host, IServerTrust trust) : TlsHandshake
{
    private string? _problem;

    internal override bool IsServer => false;

    internal override Task RunAsync(SslStream stream) => stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
    {
        TargetHost = host,
        EnabledSslProtocols = Versions,
        ApplicationProtocols = [SslApplicationProtocol.Http11],
        EncryptionPolicy = EncryptionPolicy.RequireEncryption,
        CertificateChainPolicy = trust.CreatePolicy(),
        RemoteCertificateValidationCallback = IsTrusted,
        AllowRenegotiation = false,
        AllowTlsResume = true,
    });

    internal override string Describe(Exception failure, TlsSocketStream socket)
    {
        if (_problem is not null) return _problem;
        return socket.IsBroken
            ? "there is no TLS on that port; where the relay speaks plain HTTP there, its URL begins with http://"
            : Describe(failure, socket, "the relay");
    }

    internal override bool IsCutOff(Exception failure, TlsSocketStream socket) => _problem is null && base.IsCutOff(failure, socket);

    private bool IsTrusted(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        _problem = certificate is X509Certificate2 shown && chain is not null
            ? trust.ProblemOf(shown, chain, errors, host)
            : "the server showed no certificate";
        return _problem is null;
    }
}
