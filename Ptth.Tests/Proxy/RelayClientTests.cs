using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using Ptth.Common.Net;
using Ptth.Common.Protocol;
using Ptth.Http.Client;
using Ptth.Http.Transport;
using Ptth.Proxy.Configuration;
using Ptth.Proxy.Relaying;
using Ptth.Tests.Support;

namespace Ptth.Tests.Proxy;

/// <summary>The protocol's requests to the byte, and its answers in words.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class RelayClientTests : InProcessTest
{
    private static readonly PtthKey Key = PtthKey.Generate();

    private readonly TcpService _service;
    private readonly RelayClient _relay;

    public RelayClientTests()
    {
        var time = new FakeTimeProvider();
        _service = Own(new TcpService());
        _relay = Own(new RelayClient(InProcessServerProxy.UrlOf(_service.EndPoint), null, null, Key, new ProxyTimeouts(), Own(new Ticker(time)), time));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Listen(CancellationToken token)
    {
        Task<ClientExchange> sending = _relay.ListenAsync("ssh", "l1", TimeSpan.FromSeconds(25), token);
        await AssertRequestAsync(sending, "POST /v1/listen/ssh HTTP/1.1", "Prefer: wait=25\r\nPtth-Listener: l1\r\nContent-Length: 0\r\n", "", token);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Connect(CancellationToken token)
    {
        Task<ClientExchange> sending = _relay.ConnectAsync("home", "ssh", TimeSpan.Zero, "records=20", token);
        await AssertRequestAsync(sending, "POST /v1/connect/home/ssh HTTP/1.1", "Prefer: wait=0\r\nPtth-Offer: records=20\r\nContent-Length: 0\r\n", "", token);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Accept(CancellationToken token)
    {
        var id = ConnectionId.New();
        await AssertRequestAsync(_relay.AcceptAsync(id, null, null, token), $"POST /v1/accept/{id} HTTP/1.1", "Content-Length: 0\r\n", "", token);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Reject(CancellationToken token)
    {
        var id = ConnectionId.New();
        var reason = new Problem(ProblemTypes.TargetRefused, "Refused", 502, "So.");
        string body = System.Text.Encoding.UTF8.GetString(reason.ToUtf8());
        Task sending = _relay.RejectAsync(id, null, reason, token);
        await AssertRequestAsync(
            sending, $"POST /v1/reject/{id} HTTP/1.1", $"Content-Type: application/problem+json\r\nContent-Length: {body.Length}\r\n", body, token);
    }

    [TestCase("upstream")]
    [TestCase("downstream")]
    [CancelAfter(30_000)]
    public async Task Upload(string path, CancellationToken token)
    {
        var id = ConnectionId.New();
        Task<ClientExchange> sending = _relay.StartUploadAsync(path, id, null, token);
        InProcessPeer peer = await AcceptAsync(token);
        PeerMessage request = await peer.ReadHeadAsync(token);
        ClientExchange exchange = await sending.ComesAsync(token);
        exchange.Abort();
        exchange.Finish();

        AssertHead(request, $"POST /v1/{path}/{id} HTTP/1.1", "Transfer-Encoding: chunked\r\n");
    }

    [TestCase("200 OK", "Ptth-Connection: AAAAAAAAAAAAAAAAAAAAAA\r\n", true)]
    [TestCase("201 Created", "Ptth-Connection: AAAAAAAAAAAAAAAAAAAAAA\r\n", false)]
    [TestCase("200 OK", "", false)]
    [TestCase("200 OK", "Ptth-Connection: AAAA\r\n", false)]
    [TestCase("200 OK", "Ptth-Connection: AAAAAAAAAAAAAAAAAAAAAA\r\nPtth-Connection: AAAAAAAAAAAAAAAAAAAAAA\r\n", false)]
    [CancelAfter(30_000)]
    public async Task An_id_is_taken_from_a_200_alone(string status, string field, bool has, CancellationToken token)
    {
        ClientExchange exchange = await AnswerAsync($"HTTP/1.1 {status}\r\n{field}Content-Length: 0\r\n\r\n", token);
        Assert.That(RelayClient.TryReadId(exchange.Response, out ConnectionId id), Is.EqualTo(has));
        Assert.That(id.ToString(), Is.EqualTo("AAAAAAAAAAAAAAAAAAAAAA"));
        exchange.Finish();
    }

    [TestCase("404 Not Found", "<html>", "404", "is not a relay's")]
    [TestCase("401 Unauthorized", "{\"title\":\"Unauthorized\",\"detail\":\"No such key.\"}", "401 (Unauthorized: No such key.);", "ptth-relay hash")]
    [TestCase("403 Forbidden", "{\"title\":\"Forbidden\"}", "403 (Forbidden);", "\"allow\"")]
    [TestCase("404 Not Found", "{\"detail\":\"Nothing.\"}", "404 (Nothing.);", "base path")]
    [TestCase("503 Service Unavailable", "{\"detail\":\"Nobody.\"}", "503 (Nobody.)", "")]
    [TestCase("502 Bad Gateway", "<html>", "502", "is not a relay's")]
    [CancelAfter(30_000)]
    public async Task A_refusal_is_said_in_one_line_with_the_remedy(string status, string body, string said, string remedy, CancellationToken token)
    {
        ClientExchange exchange = await AnswerAsync($"HTTP/1.1 {status}\r\nContent-Length: {body.Length}\r\n\r\n{body}", token);

        RelayRefusal refusal = await RelayClient.ReadRefusalAsync(exchange);
        Assert.That(refusal.Text, Does.Contain(said).And.Contain(remedy).And.Not.Contain("\n"));
        // What stands in front of a relay says so while that is being started again.
        Assert.That(refusal.MayPass, Is.EqualTo(status.StartsWith("502", StringComparison.Ordinal)));
    }

    /// <remarks>Whoever stands in between may show requests to whoever asks, as some do to find faults; the key is in none of our logs.</remarks>
    [Test]
    [CancelAfter(30_000)]
    public async Task A_refusal_that_repeats_the_key_is_said_without_it([Values("title", "detail")] string member, CancellationToken token)
    {
        string body = $"{{\"{member}\":\"Authorization: Bearer {Key.Reveal()} is not known\"}}";
        ClientExchange exchange = await AnswerAsync($"HTTP/1.1 403 Forbidden\r\nContent-Length: {body.Length}\r\n\r\n{body}", token);

        Assert.That((await RelayClient.ReadRefusalAsync(exchange)).Text, Does.StartWith("the relay answered 403 (Authorization: Bearer ptth_… is not known);"));
    }

    [TestCase(503, "urn:ptth:draining", true)]
    [TestCase(503, "about:blank", false)]
    [TestCase(502, "urn:ptth:draining", false)]
    [CancelAfter(30_000)]
    public async Task A_relay_that_drains_may_be_back_soon(int status, string type, bool mayPass, CancellationToken token)
    {
        string body = $"{{\"type\":\"{type}\",\"title\":\"No\"}}";
        ClientExchange exchange = await AnswerAsync($"HTTP/1.1 {status} No\r\nContent-Length: {body.Length}\r\n\r\n{body}", token);

        Assert.That((await RelayClient.ReadRefusalAsync(exchange)).MayPass, Is.EqualTo(mayPass));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_refusal_at_its_bound_and_one_over([Values(1024, 1025)] int length, CancellationToken token)
    {
        string body = "{\"detail\":\"x\"}".PadRight(length);
        ClientExchange exchange = await AnswerAsync($"HTTP/1.1 503 No\r\nContent-Length: {length}\r\n\r\n{body}", token);

        Assert.That((await RelayClient.ReadRefusalAsync(exchange)).Text, Does.Contain(length > 1024 ? "503 is not a relay's" : "503 (x)"));
    }

    /// <remarks>What the relay says is a problem document whatever the way there; what is none came from the proxy.</remarks>
    [TestCase("401 Unauthorized", "{\"title\":\"Unauthorized\"}", "the relay answered 401", false)]
    [TestCase("403 Forbidden", "{\"title\":\"Forbidden\"}", "the relay answered 403", false)]
    [TestCase("403 Forbidden", "<html>", "the PROXY forbids the way to the relay (403); whoever runs it must allow POST to http://relay.example:80/", false)]
    [TestCase("407 Who", "<html>", "the PROXY asks for a login of another kind", false)]
    [TestCase("503 x", "<html>", "the PROXY answered 503: it cannot reach the relay", true)]
    [TestCase("200 OK", "<html>", "the PROXY answered 200 to POST to http://", false)]
    [CancelAfter(30_000)]
    public async Task The_proxy_s_refusals_are_told_from_the_relay_s(string status, string body, string said, bool mayPass, CancellationToken token)
    {
        Assert.That(RelayUrl.TryParse("http://relay.example", out RelayUrl? relayUrl, out _), Is.True);
        Assert.That(HttpProxyUrl.TryParse($"http://{_service.EndPoint}", out HttpProxyUrl? proxy, out _), Is.True);
        var time = new FakeTimeProvider();
        using var ticker = new Ticker(time);
        using var relay = new RelayClient(relayUrl!, null, proxy, Key, new ProxyTimeouts(), ticker, time);
        Task<ClientExchange> sending = relay.AcceptAsync(ConnectionId.New(), null, null, token);
        InProcessPeer peer = await AcceptAsync(token);
        await peer.ReadMessageAsync(token);
        await peer.SendAsync($"HTTP/1.1 {status}\r\nContent-Length: {body.Length}\r\n\r\n{body}", token);

        RelayRefusal refusal = await RelayClient.ReadRefusalAsync(await sending.ComesAsync(token));
        Assert.That(refusal.Text, Does.StartWith(said.Replace("PROXY", $"proxy {proxy}", StringComparison.Ordinal)));
        Assert.That(refusal.MayPass, Is.EqualTo(mayPass));
    }

    private async Task<ClientExchange> AnswerAsync(string answer, CancellationToken token)
    {
        Task<ClientExchange> sending = _relay.AcceptAsync(ConnectionId.New(), null, null, token);
        InProcessPeer peer = await AcceptAsync(token);
        await peer.ReadMessageAsync(token);
        await peer.SendAsync(answer, token);
        return await sending.ComesAsync(token);
    }

    private async Task AssertRequestAsync(Task sending, string line, string fields, string body, CancellationToken token)
    {
        InProcessPeer peer = await AcceptAsync(token);
        PeerMessage request = await peer.ReadMessageAsync(token);
        await peer.SendAsync("HTTP/1.1 204 No Content\r\n\r\n", token);
        await sending.ComesAsync(token);

        AssertHead(request, line, fields);
        Assert.That(request.Text, Is.EqualTo(body));
    }

    private void AssertHead(PeerMessage request, string line, string fields) => Assert.That(request.Head, Is.EqualTo(
        $"{line}\r\nHost: {_service.EndPoint}\r\nAuthorization: Bearer {Key.Reveal()}\r\nUser-Agent: ptth-proxy\r\n{fields}\r\n"));

    private async Task<InProcessPeer> AcceptAsync(CancellationToken token)
    {
        var peer = Own(new InProcessPeer(await _service.AcceptAsync(token)));
        await Task.Yield();
        return peer;
    }
}
