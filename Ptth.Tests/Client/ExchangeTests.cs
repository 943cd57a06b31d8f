using System.Net;
using System.Text;
using NUnit.Framework;
using Ptth.Http;
using Ptth.Http.Client;
using Ptth.Http.Flow;
using Ptth.Tests.Support;

namespace Ptth.Tests.Client;

/// <summary>One request and its response.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class ExchangeTests : InProcessTest
{
    private readonly InProcessOrigin _origin;

    public ExchangeTests() => _origin = Own(new InProcessOrigin());

    [Test]
    [CancelAfter(30_000)]
    public async Task A_request_is_written_to_the_byte(CancellationToken token)
    {
        HttpRequest request = InProcessOrigin.Post("/v1/x?y=z") with
        {
            Fields = [new HttpField("X-Field"u8.ToArray(), "value")],
            ContentType = "text/plain",
            Body = "hello"u8.ToArray(),
        };
        (InProcessPeer peer, _) = await SendAsync(request, token);

        PeerMessage got = await peer.ReadMessageAsync(token);
        Assert.That(got.Head + got.Text, Is.EqualTo(
            "POST /v1/x?y=z HTTP/1.1\r\nHost: relay.example\r\nX-Field: value\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"));
    }

    [TestCase("GET", "GET / HTTP/1.1\r\nHost: relay.example\r\n\r\n")]
    [TestCase("POST", "POST / HTTP/1.1\r\nHost: relay.example\r\nContent-Length: 0\r\n\r\n")]
    [CancelAfter(30_000)]
    public async Task A_request_without_a_body_says_so_where_that_is_not_usual(string method, string expected, CancellationToken token)
    {
        (InProcessPeer peer, _) = await SendAsync(new HttpRequest { Method = method, Target = "/" }, token);

        Assert.That((await peer.ReadHeadAsync(token)).Head, Is.EqualTo(expected));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Interim_responses_are_dropped_up_to_the_bound([Values(0, 1, 8)] int count, [Values(100, 103)] int status, CancellationToken token)
    {
        (InProcessPeer peer, Task<ClientExchange> sending) = await SendAsync(InProcessOrigin.Post("/"), token);
        string interim = string.Concat(Enumerable.Repeat($"HTTP/1.1 {status} Interim\r\nX: y\r\n\r\n", count));
        await peer.SendByteByByteAsync(interim + "HTTP/1.1 204 No Content\r\n\r\n", token);
        ClientExchange exchange = await sending.ComesAsync(token);
        exchange.Finish();

        Assert.That((exchange.Response.Status, _origin.Client.IdleConnections), Is.EqualTo((204, 1)));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task One_interim_response_too_many_is_an_error(CancellationToken token)
    {
        (InProcessPeer peer, Task<ClientExchange> sending) = await SendAsync(InProcessOrigin.Post("/"), token);
        await peer.SendAsync(string.Concat(Enumerable.Repeat("HTTP/1.1 102 Processing\r\n\r\n", 9)), token);

        await AssertFailsAsync(sending, "without end", token);
    }

    [TestCase("HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n", "upgrade")]
    [TestCase("HTTP/2 200\r\n\r\n", "HTTP/1.1")]
    [TestCase("SSH-2.0-OpenSSH_9.9\r\n", "HTTP/1.1")]
    [TestCase("HTTP/1.1 200 OK\nContent-Length: 0\n\n", "CRLF")]
    [TestCase("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "both")]
    [TestCase("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "more than one")]
    [TestCase("HTTP/1.1 204 No\r\nContent-Length: 1\r\n\r\n", "no body")]
    [TestCase("\r\nHTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1")]
    [CancelAfter(30_000)]
    public async Task A_malformed_response_is_an_error_in_words(string answer, string words, CancellationToken token)
    {
        (InProcessPeer peer, Task<ClientExchange> sending) = await SendAsync(InProcessOrigin.Post("/"), token);
        await peer.SendAsync(answer, token);

        await AssertFailsAsync(sending, words, token);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_response_head_at_its_bound_and_one_over([Values(0, 1)] int over, CancellationToken token)
    {
        const string Rest = "HTTP/1.1 204 No\r\nX: \r\n\r\n";
        (InProcessPeer peer, Task<ClientExchange> sending) = await SendAsync(InProcessOrigin.Post("/"), token);
        await peer.SendAsync($"HTTP/1.1 204 No\r\nX: {new string('x', (16 * 1024) - Rest.Length + over)}\r\n\r\n", token);

        if (over > 0) await AssertFailsAsync(sending, "larger", token);
        else (await sending.ComesAsync(token)).Finish();
        Assert.That(_origin.Connections, Is.EqualTo(1 - over));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_response_may_take_15_seconds_and_what_was_asked_for([Values(1, 25)] int asked, [Values] bool begun, CancellationToken token)
    {
        (InProcessPeer peer, Task<ClientExchange> sending) = await SendAsync(
            InProcessOrigin.Post("/") with { AskedWait = TimeSpan.FromSeconds(asked) }, token);
        await _origin.UntilDeadlineIsAsync(TimeSpan.FromSeconds(15 + asked), token);
        // An answer that has begun is not an answer; nor does an interim one change anything.
        if (begun)
        {
            await peer.SendAsync("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 2", token);
            await _origin.UntilAnswerBeginsAsync(token);
        }

        _origin.Time.Advance(TimeSpan.FromSeconds(14 + asked));
        Assert.That(sending.IsCompleted, Is.False);
        _origin.Time.Advance(TimeSpan.FromSeconds(1));

        await AssertFailsAsync(sending, "in time", token);
        Assert.That((await peer.ReadToEndAsync(token)).End, Is.EqualTo(PeerEnd.Reset));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task The_response_to_a_stream_takes_as_long_as_its_receiver_does(CancellationToken token)
    {
        ClientExchange exchange = await _origin.Client.StartStreamAsync(InProcessOrigin.Post("/") with { StreamsBody = true }, token);
        InProcessPeer peer = await _origin.AcceptAsync(token);
        Task reading = exchange.ReadResponseAsync(Timeout.InfiniteTimeSpan).AsTask();
        using var source = new InProcessChannel([new byte[100_000]], ChannelEnd.Fin);
        Task<FlowResult> uploading = new Http.Flow.Flow(new RawSource(source), exchange.OpenRequestBody()).RunAsync();
        _origin.Time.Advance(TimeSpan.FromSeconds(3_600));
        await peer.ReadHeadAsync(token);
        Assert.That(await peer.ReadChunkedBodyAsync(token), Has.Length.EqualTo(100_000));
        await uploading.ComesAsync(token);
        exchange.EndRequestBody();
        // All of it was sent; a slow receiver behind the relay may still have to take it.
        _origin.Time.Advance(TimeSpan.FromSeconds(3_600));
        await peer.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", token);

        await reading.ComesAsync(token);
        exchange.Finish();
        Assert.That((exchange.Response.Status, _origin.Client.IdleConnections), Is.EqualTo((200, 1)));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_small_body_at_its_bound_and_one_over([Values(1024, 1025)] int length, [Values] bool chunked, CancellationToken token)
    {
        (InProcessPeer peer, Task<ClientExchange> sending) = await SendAsync(InProcessOrigin.Post("/"), token);
        string body = new('b', length);
        await peer.SendAsync("HTTP/1.1 502 Bad\r\n" + (chunked
            ? $"Transfer-Encoding: chunked\r\n\r\n{length:x}\r\n{body}\r\n0\r\n\r\n"
            : $"Content-Length: {length}\r\n\r\n{body}"), token);
        byte[]? read = await (await sending.ComesAsync(token)).ReadBodyAsync(1024);

        Assert.That(read is null ? null : Encoding.ASCII.GetString(read), Is.EqualTo(length > 1024 ? null : body));
        Assert.That(_origin.Connections, Is.EqualTo(length > 1024 ? 0 : 1));
    }

    [TestCase("Content-Length: 5\r\n\r\nabc")]
    [TestCase("Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")]
    [TestCase("Transfer-Encoding: chunked\r\n\r\n3\r\nabcd")]
    [CancelAfter(30_000)]
    public async Task A_small_body_that_is_broken_is_none(string answer, CancellationToken token)
    {
        (InProcessPeer peer, Task<ClientExchange> sending) = await SendAsync(InProcessOrigin.Post("/"), token);
        await peer.SendAsync("HTTP/1.1 200 OK\r\n" + answer, token);
        peer.SendFin();

        Assert.That(await (await sending.ComesAsync(token)).ReadBodyAsync(1024), Is.Null);
        Assert.That(_origin.Connections, Is.Zero);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_small_body_takes_15_seconds_at_most(CancellationToken token)
    {
        (InProcessPeer peer, Task<ClientExchange> sending) = await SendAsync(InProcessOrigin.Post("/"), token);
        await peer.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", token);
        Task<byte[]?> reading = (await sending.ComesAsync(token)).ReadBodyAsync(1024).AsTask();
        _origin.Time.Advance(TimeSpan.FromSeconds(14));
        Assert.That(reading.IsCompleted, Is.False);
        _origin.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.That(await reading.ComesAsync(token), Is.Null);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_stream_whose_end_could_not_be_told_is_refused(CancellationToken token)
    {
        (InProcessPeer peer, Task<ClientExchange> sending) = await SendAsync(InProcessOrigin.Post("/"), token);
        await peer.SendAsync("HTTP/1.1 200 OK\r\n\r\nbytes", token);
        ClientExchange exchange = await sending.ComesAsync(token);

        Assert.That(exchange.OpenResponseBody, Throws.TypeOf<ExchangeException>().With.Message.Contains("HTTP/1.0"));
        exchange.Finish();
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_stream_comes_as_it_is_sent(CancellationToken token)
    {
        (InProcessPeer peer, Task<ClientExchange> sending) = await SendAsync(InProcessOrigin.Post("/"), token);
        await peer.SendAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", token);
        ClientExchange exchange = await sending.ComesAsync(token);
        using var destination = new InProcessChannel();
        var flow = new Http.Flow.Flow(exchange.OpenResponseBody(), new RawSink(destination));
        Task<FlowResult> running = flow.RunAsync();
        await InProcessWait.UntilAsync(() => flow.Bytes == 3, "three bytes came", token);
        await peer.SendAsync("2\r\nde\r\n0\r\n\r\n", token);

        Assert.That(await running.ComesAsync(token), Is.EqualTo(new FlowResult(FlowEnd.Clean, 5)));
        exchange.EndResponseBody();
        exchange.Finish();
        Assert.That((Encoding.ASCII.GetString(destination.Sent), destination.HasSentFin, _origin.Client.IdleConnections), Is.EqualTo(("abcde", true, 1)));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Cancelling_breaks_the_connection_off([Values] bool reused, CancellationToken token)
    {
        if (reused) await _origin.OpenIdleAsync(token);
        using var cancellation = new CancellationTokenSource();
        Task<ClientExchange> sending = _origin.Client.SendAsync(InProcessOrigin.Post("/x") with { IsIdempotent = true }, cancellation.Token);
        if (!reused) await (await _origin.AcceptAsync(token)).ReadMessageAsync(token);
        await cancellation.CancelAsync();

        Assert.That(async () => await sending.ComesAsync(token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(token.IsCancellationRequested, Is.False);
        Assert.That(_origin.Connections, Is.Zero);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task An_origin_that_refuses_is_named(CancellationToken token)
    {
        var nobody = new IPEndPoint(IPAddress.Loopback, FreePort.Take().Port);
        using var client = new PtthHttpClient(new HttpClientOptions
        {
            Origin = new HttpOrigin("127.0.0.1", nobody.Port, "a"),
            Ticker = _origin.Ticker,
        });

        ExchangeException? failure = await Assert.ThrowsAsync<ExchangeException>(() => client.SendAsync(InProcessOrigin.Post("/"), token));

        Assert.That(failure!.Message, Does.Contain(nobody.ToString()).And.Contain("refused"));
    }

    private async Task<(InProcessPeer Peer, Task<ClientExchange> Sending)> SendAsync(HttpRequest request, CancellationToken token)
    {
        Task<ClientExchange> sending = _origin.Client.SendAsync(request, token);
        return (await _origin.AcceptAsync(token), sending);
    }

    private async Task AssertFailsAsync(Task<ClientExchange> sending, string words, CancellationToken token)
    {
        ExchangeException? failure = await Assert.ThrowsAsync<ExchangeException>(() => sending.ComesAsync(token));
        Assert.That(failure!.Message, Does.Contain(words));
        Assert.That(_origin.Connections, Is.Zero);
    }
}
