using System.Net.Sockets;
using NUnit.Framework;
using Ptth.Http.Client;
using Ptth.Http.Transport;
using Ptth.Proxy.Tls;
using Ptth.Tests.Support;

namespace Ptth.Tests.Client;

/// <summary>Requests to an origin with TLS through a proxy's tunnel.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class TunnelledRequestTests : InProcessTest
{
    private readonly TcpService _proxy;
    private readonly InProcessServer _origin;
    private readonly PtthHttpClient _client;

    public TunnelledRequestTests()
    {
        _proxy = Own(new TcpService());
        _origin = Own(new InProcessServer());
        _client = Own(new PtthHttpClient(new HttpClientOptions
        {
            // There is nobody under that name and port: all goes to the proxy.
            Origin = new HttpOrigin("localhost", 1, "localhost:1"),
            Trust = ChainTrust.Of([TlsPair.Certificate.Certificate]),
            Proxy = new HttpProxy("127.0.0.1", _proxy.EndPoint.Port, "proxy.example:3128", "Basic am86c2VjcmV0"),
            Ticker = Own(new Ticker(_origin.Time)),
            Time = _origin.Time,
        }));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task TLS_begins_behind_the_proxy_s_answer_and_the_tunnel_is_kept(CancellationToken token)
    {
        Task<ClientExchange> sending = _client.SendAsync(InProcessOrigin.Post("/x"), token);
        Socket socket = await _proxy.AcceptAsync(token);
        var peer = new InProcessPeer(socket);
        await peer.ReadHeadAsync(token);
        await peer.SendByteByByteAsync("HTTP/1.1 200 OK\r\n\r\n", token);
        _origin.ServeTls(socket);
        for (int i = 0; i < 3; i++)
        {
            ClientExchange exchange = await sending.ComesAsync(token);
            Assert.That((exchange.Response.Status, exchange.RefusalOfProxy), Is.EqualTo((200, (string?)null)));
            Assert.That(await exchange.ReadBodyAsync(100).AsTask().ComesAsync(token), Is.Not.Null);
            sending = _client.SendAsync(InProcessOrigin.Post($"/{i}"), token);
        }

        (await sending.ComesAsync(token)).Finish();
        Assert.That(_origin.Handled, Is.EqualTo(new[] { "/x", "/0", "/1", "/2" }));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_proxy_that_does_not_answer_in_time_is_given_up(CancellationToken token)
    {
        Task<ClientExchange> sending = _client.SendAsync(InProcessOrigin.Post("/x"), token);
        using var peer = new InProcessPeer(await _proxy.AcceptAsync(token));
        await peer.ReadHeadAsync(token);
        await peer.SendAsync("HTTP/1.1 200 OK\r\n", token);
        _origin.Time.Advance(TimeSpan.FromSeconds(10));

        Assert.That(await FailureOfAsync(sending, token), Is.EqualTo(
            "the proxy proxy.example:3128 did not answer CONNECT within 10 s; check that it is an HTTP proxy and that it can reach the relay"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task One_time_out_is_for_the_tunnel_and_TLS(CancellationToken token)
    {
        Task<ClientExchange> sending = _client.SendAsync(InProcessOrigin.Post("/x"), token);
        Socket socket = await _proxy.AcceptAsync(token);
        using var peer = new InProcessPeer(socket);
        await peer.ReadHeadAsync(token);
        _origin.Time.Advance(TimeSpan.FromSeconds(6));
        await peer.SendAsync("HTTP/1.1 200 OK\r\n\r\n", token);
        await socket.ReceiveExactlyAsync(new byte[100], token);
        _origin.Time.Advance(TimeSpan.FromSeconds(4));

        Assert.That(await FailureOfAsync(sending, token), Is.EqualTo("the relay did not finish the TLS handshake within 10 s"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_proxy_that_is_not_there(CancellationToken token)
    {
        _proxy.Dispose();
        Assert.That(await FailureOfAsync(_client.SendAsync(InProcessOrigin.Post("/x"), token), token), Does.StartWith(
            "cannot reach the proxy proxy.example:3128: ").And.EndWith("connection refused; check its address, or go without it (proxy = \"none\", --proxy none)"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Who_gives_up_breaks_the_connection_off(CancellationToken token)
    {
        using var giving = CancellationTokenSource.CreateLinkedTokenSource(token);
        Task<ClientExchange> sending = _client.SendAsync(InProcessOrigin.Post("/x"), giving.Token);
        using var peer = new InProcessPeer(await _proxy.AcceptAsync(token));
        await peer.ReadHeadAsync(token);
        await giving.CancelAsync();

        await Assert.ThrowsAsync<OperationCanceledException>(() => sending.ComesAsync(token));
        Assert.That((await peer.ReadToEndAsync(token)).End, Is.EqualTo(PeerEnd.Reset));
    }

    private static async Task<string> FailureOfAsync(Task sending, CancellationToken token)
    {
        ExchangeException? failure = await Assert.ThrowsAsync<ExchangeException>(() => sending.ComesAsync(token));
        return failure!.Message;
    }
}
