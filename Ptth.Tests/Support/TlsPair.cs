using System.Net.Security;
using Ptth.Http.Transport;
using Ptth.Http.Transport.Tls;
using Ptth.Proxy.Tls;

namespace Ptth.Tests.Support;

/// <summary>Two ends of one TLS connection on loopback, both of this code, and the sockets below.</summary>
internal sealed class TlsPair : IDisposable
{
    private TlsPair(InProcessTcp sockets, TlsServerHandshake server, IServerTrust trust, string host = "localhost")
    {
        Sockets = sockets;
        Server = new TlsChannel(new SocketChannel(sockets.Ours), server);
        Client = new TlsChannel(new SocketChannel(sockets.Peers), new TlsClientHandshake(host, trust));
    }

    /// <summary>A certificate for localhost.</summary>
    public static MadeCertificate Certificate { get; } = MadeCertificate.SelfIssued(["localhost"]);

    /// <summary>A handshake that shows a certificate.</summary>
    public static TlsServerHandshake ServerHandshake(MadeCertificate? shown = null) => new(ContextOf(shown ?? Certificate));

    /// <summary>A handshake that trusts <see cref="Certificate"/>.</summary>
    public static TlsClientHandshake ClientHandshake() => new("localhost", ChainTrust.Of([Certificate.Certificate]));

    /// <summary>The server's end.</summary>
    public TlsChannel Server { get; }

    /// <summary>The client's end.</summary>
    public TlsChannel Client { get; }

    /// <summary>What is below: ours is the server's.</summary>
    public InProcessTcp Sockets { get; }

    /// <summary>A pair whose handshake is yet to come.</summary>
    public static TlsPair Make(int? bufferBytes = null) => new(InProcessTcp.Connect(bufferBytes), ServerHandshake(), ChainTrust.Of([Certificate.Certificate]));

    /// <summary>A pair of a certain server and a client with its own opinion of it, whose handshake is yet to come.</summary>
    public static TlsPair Make(TlsServerHandshake server, IServerTrust trust, string host = "localhost") => new(InProcessTcp.Connect(), server, trust, host);

    /// <summary>A pair with its handshake behind it.</summary>
    public static async Task<TlsPair> OpenAsync(CancellationToken token, int? bufferBytes = null)
    {
        TlsPair pair = Make(bufferBytes);
        await Task.WhenAll(pair.Server.OpenAsync().AsTask(), pair.Client.OpenAsync().AsTask()).ComesAsync(token);
        return pair;
    }

    /// <summary>What a server shows.</summary>
    public static SslStreamCertificateContext ContextOf(MadeCertificate shown) =>
        SslStreamCertificateContext.Create(shown.Certificate, [.. shown.Issuers.SkipLast(1)], offline: true);

    /// <inheritdoc/>
    public void Dispose()
    {
        Server.Dispose();
        Client.Dispose();
    }
}
