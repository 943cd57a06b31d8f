using System.Net.Sockets;
using NUnit.Framework;
using Ptth.Http.Client;
using Ptth.Http.Transport;
using Ptth.Proxy.Tls;
using Ptth.Tests.Support;

namespace Ptth.Tests.Client;

/// <summary>Kept connections over TLS.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class TlsReuseTests : InProcessTest
{
    private readonly List<Socket> _accepted = [];
    private InProcessServer _server = null!;
    private PtthHttpClient _client = null!;
    private Ticker _ticker = null!;

    [SetUp]
    public void Start()
    {
        var service = Own(new TcpService());
        _server = Own(new InProcessServer());
        service.ServeEach(socket =>
        {
            lock (_accepted) _accepted.Add(socket);
            _server.ServeTls(socket);
            return new TaskCompletionSource().Task;
        });
        _ticker = Own(new Ticker(_server.Time));
        _client = Own(new PtthHttpClient(new HttpClientOptions
        {
            Origin = new HttpOrigin("localhost", service.EndPoint.Port, "localhost"),
            Trust = ChainTrust.Of([TlsPair.Certificate.Certificate]),
            Ticker = _ticker,
            Time = _server.Time,
        }));
    }

    /// <remarks>The server's session tickets make an idle connection's socket readable (RFC 8446 section 4.6.1).</remarks>
    [Test]
    [CancelAfter(30_000)]
    public async Task Exchanges_share_one_connection(CancellationToken token)
    {
        for (int i = 0; i < 100; i++)
        {
            await ExchangeAsync(token);
            if (i % 10 == 0) _server.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.That(_accepted, Has.Count.EqualTo(1));
        Assert.That(_server.Handled, Has.Count.EqualTo(100));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_kept_connection_that_the_server_has_closed_is_not_used_again(CancellationToken token)
    {
        await ExchangeAsync(token);
        await ExchangeAsync(token, "/drain");
        _server.IsDraining = false;
        await ExchangeAsync(token);

        Assert.That(_accepted, Has.Count.EqualTo(2));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_handshake_that_takes_too_long_is_given_up(CancellationToken token)
    {
        using var silent = new TcpService();
        using var client = new PtthHttpClient(new HttpClientOptions
        {
            Origin = new HttpOrigin("localhost", silent.EndPoint.Port, "localhost"),
            Trust = ChainTrust.OfSystem,
            Ticker = _ticker,
            Time = _server.Time,
        });
        Task<ClientExchange> sending = client.SendAsync(InProcessOrigin.Post("/x"), token);
        using Socket accepted = await silent.AcceptAsync(token);
        await accepted.ReceiveExactlyAsync(new byte[100], token);
        _server.Time.Advance(TimeSpan.FromSeconds(10));

        ExchangeException? failure = await Assert.ThrowsAsync<ExchangeException>(() => sending.ComesAsync(token));
        Assert.That(failure!.Message, Is.EqualTo("the relay did not finish the TLS handshake within 10 s"));
    }

    private async Task ExchangeAsync(CancellationToken token, string target = "/x")
    {
        ClientExchange exchange = await _client.SendAsync(InProcessOrigin.Post(target), token).ComesAsync(token);
        Assert.That(exchange.Response.Status, Is.EqualTo(200));
        Assert.That(await exchange.ReadBodyAsync(100).AsTask().ComesAsync(token), Is.Not.Null);
    }
}
