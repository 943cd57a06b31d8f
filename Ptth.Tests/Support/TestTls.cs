using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Ptth.Tests.Support;

/// <summary>
/// The switch that lets all end-to-end tests run over TLS: with <c>PTTH_TEST_TLS=1</c> in the environment the relay of a
/// <see cref="TunnelRig"/> speaks TLS, and so does everything that talks to it.
/// </summary>
internal static class TestTls
{
    /// <summary>Whether it is on.</summary>
    public static bool IsOn { get; } = Environment.GetEnvironmentVariable("PTTH_TEST_TLS") == "1";

    /// <summary>The relays' certificate, with an authority in between.</summary>
    public static MadeCertificate Relay => Lazy.Value;

    private static readonly Lazy<MadeCertificate> Lazy =
        new(static () => MadeCertificate.Authority("Test root").IssueAuthority("Test issuer").Issue(["localhost", "127.0.0.1"]));

    /// <summary>A connection to a rig's relay: over TLS where that is on.</summary>
    public static async Task<Stream> ConnectAsync(IPEndPoint endPoint, CancellationToken token)
    {
        Socket socket = await TcpStreams.ConnectAsync(endPoint, token);
        return IsOn ? await OverTlsAsync(socket, Relay, token) : new NetworkStream(socket, ownsSocket: true);
    }

    /// <summary>TLS over a socket, by the framework alone, with the peer's certificate checked.</summary>
    public static async Task<SslStream> OverTlsAsync(Socket socket, MadeCertificate expected, CancellationToken token)
    {
        var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
        try
        {
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = "localhost",
                    RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null && expected.Certificate.RawData.AsSpan().SequenceEqual(shown.GetRawCertData()),
                    CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                },
                token);
            return tls;
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
    }
}
