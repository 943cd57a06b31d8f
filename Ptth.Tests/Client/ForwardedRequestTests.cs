using NUnit.Framework;
using Ptth.Http.Client;
using Ptth.Tests.Support;

namespace Ptth.Tests.Client;

/// <summary>Requests to a plain origin that a proxy hands on.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class ForwardedRequestTests : InProcessTest
{
    private readonly InProcessOrigin _proxy;

    public ForwardedRequestTests() => _proxy = Own(InProcessOrigin.OfProxy("Basic am86c2VjcmV0"));

    [Test]
    [CancelAfter(30_000)]
    public async Task The_target_is_whole_and_the_login_comes_with_each(CancellationToken token)
    {
        Task<ClientExchange> sending = _proxy.Client.SendAsync(InProcessOrigin.Post("/v1/x?y"), token);
        InProcessPeer peer = await _proxy.AcceptAsync(token);
        string first = (await peer.ReadHeadAsync(token)).Head;
        await peer.SendAsync("HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\n\r\n", token);
        (await sending.ComesAsync(token)).Finish();
        Task<ClientExchange> streaming = _proxy.Client.StartStreamAsync(InProcessOrigin.Post("/v1/y") with { StreamsBody = true }, token);
        string second = (await peer.ReadHeadAsync(token)).Head;
        ClientExchange exchange = await streaming.ComesAsync(token);
        exchange.Abort();
        exchange.Finish();

        const string fields = "Host: relay.example\r\nConnection: keep-alive\r\nProxy-Authorization: Basic am86c2VjcmV0\r\n";
        Assert.That(first, Is.EqualTo($"POST http://relay.example/v1/x?y HTTP/1.1\r\n{fields}Content-Length: 0\r\n\r\n"));
        Assert.That(second, Is.EqualTo($"POST http://relay.example/v1/y HTTP/1.1\r\n{fields}Transfer-Encoding: chunked\r\n\r\n"));
    }

    /// <remarks>tinyproxy closes after each exchange and says nothing of it: the next request would meet the close.</remarks>
    [TestCase("Connection: keep-alive", 1)]
    [TestCase("connection: foo, Keep-Alive", 1)]
    [TestCase("Proxy-Connection: keep-alive", 1)]
    [TestCase("X: keep-alive", 0)]
    [TestCase("Connection: close\r\nProxy-Connection: keep-alive", 0)]
    [CancelAfter(30_000)]
    public async Task A_connection_is_kept_where_the_proxy_says_that_it_keeps_it(string field, int kept, CancellationToken token)
    {
        Task<ClientExchange> sending = _proxy.Client.SendAsync(InProcessOrigin.Post("/"), token);
        InProcessPeer peer = await _proxy.AcceptAsync(token);
        await peer.ReadHeadAsync(token);
        await peer.SendAsync($"HTTP/1.1 200 OK\r\n{field}\r\nContent-Length: 0\r\n\r\n", token);
        (await sending.ComesAsync(token)).Finish();

        Assert.That(_proxy.Client.IdleConnections, Is.EqualTo(kept));
    }

    [TestCase("SSH-2.0-x\r\n", "the proxy proxy.example:3128's answer is not HTTP/1.1 as it should be")]
    [TestCase("HTTP/1.1 200 OK\r\n", "the proxy proxy.example:3128's answer broke off")]
    [TestCase("", "the proxy proxy.example:3128 closed the connection without an answer; check that it is an HTTP proxy")]
    [CancelAfter(30_000)]
    public async Task What_goes_wrong_is_the_proxy_s(string answer, string expected, CancellationToken token)
    {
        Task<ClientExchange> sending = _proxy.Client.SendAsync(InProcessOrigin.Post("/"), token);
        InProcessPeer peer = await _proxy.AcceptAsync(token);
        await peer.ReadHeadAsync(token);
        await peer.SendAsync(answer, token);
        peer.SendFin();

        ExchangeException? failure = await Assert.ThrowsAsync<ExchangeException>(() => sending.ComesAsync(token));
        Assert.That(failure!.Message, Does.StartWith(expected));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task An_answer_that_does_not_come_in_time_is_the_proxy_s(CancellationToken token)
    {
        Task<ClientExchange> sending = _proxy.Client.SendAsync(InProcessOrigin.Post("/"), token);
        InProcessPeer peer = await _proxy.AcceptAsync(token);
        await peer.ReadHeadAsync(token);
        await _proxy.UntilDeadlineIsAsync(TimeSpan.FromSeconds(15), token);
        _proxy.Time.Advance(TimeSpan.FromSeconds(16));

        ExchangeException? failure = await Assert.ThrowsAsync<ExchangeException>(() => sending.ComesAsync(token));
        Assert.That(failure!.Message, Is.EqualTo("the proxy proxy.example:3128 did not answer in time; check that it can reach the relay"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_stream_of_HTTP_1_0_is_refused_since_its_end_could_be_a_break(CancellationToken token)
    {
        Task<ClientExchange> sending = _proxy.Client.SendAsync(InProcessOrigin.Post("/"), token);
        InProcessPeer peer = await _proxy.AcceptAsync(token);
        await peer.ReadHeadAsync(token);
        await peer.SendAsync("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\nabc", token);
        ClientExchange exchange = await sending.ComesAsync(token);

        Assert.That(() => exchange.OpenResponseBody(), Throws.TypeOf<ExchangeException>().With.Message.Contains("speaks HTTP/1.0"));
        exchange.Finish();
        Assert.That(_proxy.Client.IdleConnections, Is.Zero);
    }
}
