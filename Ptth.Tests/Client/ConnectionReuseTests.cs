using NUnit.Framework;
using Ptth.Http.Client;
using Ptth.Http.Flow;
using Ptth.Tests.Support;

namespace Ptth.Tests.Client;

/// <summary>Which connections are kept, for how long, and what is sent again on another one.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class ConnectionReuseTests : InProcessTest
{
    private const string Empty200 = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

    private readonly InProcessOrigin _origin;

    public ConnectionReuseTests() => _origin = Own(new InProcessOrigin());

    [Test]
    [CancelAfter(30_000)]
    public async Task Exchanges_one_after_the_other_share_a_connection(CancellationToken token)
    {
        InProcessPeer peer = await _origin.OpenIdleAsync(token);
        for (int i = 0; i < 50; i++)
        {
            Task<ClientExchange> sending = _origin.Client.SendAsync(InProcessOrigin.Post($"/{i}"), token);
            Assert.That((await peer.ReadMessageAsync(token)).StartLine, Is.EqualTo($"POST /{i} HTTP/1.1"));
            string answer = i % 2 == 0 ? "Content-Length: 3\r\n\r\nabc" : "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
            await peer.SendAsync("HTTP/1.1 200 OK\r\n" + answer, token);
            ClientExchange exchange = await sending.ComesAsync(token);
            Assert.That(await exchange.ReadBodyAsync(3), Is.EqualTo("abc"u8.ToArray()));
        }

        Assert.That((_origin.Connections, _origin.Client.IdleConnections), Is.EqualTo((1, 1)));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Exchanges_at_the_same_time_have_connections_of_their_own(CancellationToken token)
    {
        Task<ClientExchange>[] sending = [.. Enumerable.Range(0, 5).Select(i => _origin.Client.SendAsync(InProcessOrigin.Post("/"), token))];
        var peers = new List<InProcessPeer>();
        foreach (Task<ClientExchange> _ in sending) peers.Add(await _origin.AcceptAsync(token));
        foreach (InProcessPeer peer in peers)
        {
            await peer.ReadMessageAsync(token);
            await peer.SendAsync(Empty200, token);
        }

        foreach (Task<ClientExchange> one in sending) (await one.ComesAsync(token)).Finish();

        Assert.That((_origin.Connections, _origin.Client.IdleConnections), Is.EqualTo((5, 5)));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_request_for_one_process_of_the_server_takes_no_connection_to_another(CancellationToken token)
    {
        string? first = null;
        foreach (string process in new[] { "one", "two" })
        {
            Task<ClientExchange> sending = _origin.Client.SendAsync(InProcessOrigin.Post("/") with { For = process }, token);
            InProcessPeer peer = await _origin.AcceptAsync(token);
            await peer.ReadMessageAsync(token);
            await peer.SendAsync($"HTTP/1.1 200 OK\r\nX-Process: {process}\r\nContent-Length: 0\r\n\r\n", token);
            ClientExchange exchange = await sending.ComesAsync(token);
            first ??= exchange.Server;
            exchange.Finish();
        }

        Assert.That((first, _origin.Connections, _origin.Client.IdleConnections), Is.EqualTo(("one", 2, 2)));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_request_for_a_process_takes_the_kept_connection_to_it([Values("one", "two", null)] string? wanted, CancellationToken token)
    {
        Task<ClientExchange>[] sending = [.. Enumerable.Range(0, 2).Select(_ => _origin.Client.SendAsync(InProcessOrigin.Post("/"), token))];
        var peers = new Dictionary<string, InProcessPeer>();
        foreach (string process in new[] { "one", "two" })
        {
            InProcessPeer peer = peers[process] = await _origin.AcceptAsync(token);
            await peer.ReadMessageAsync(token);
            await peer.SendAsync($"HTTP/1.1 200 OK\r\nX-Process: {process}\r\nContent-Length: 0\r\n\r\n", token);
        }

        foreach (ClientExchange exchange in (await Task.WhenAll(sending)).OrderBy(static exchange => exchange.Server)) exchange.Finish();
        Task<ClientExchange> again = _origin.Client.SendAsync(InProcessOrigin.Post("/again") with { For = wanted }, token);
        InProcessPeer chosen = peers[wanted ?? "two"];
        Assert.That((await chosen.ReadMessageAsync(token)).StartLine, Does.Contain("/again"));
        // It says nothing about itself, and is known all the same.
        await chosen.SendAsync(Empty200, token);
        ClientExchange answered = await again.ComesAsync(token);
        answered.Finish();

        Assert.That((answered.Server, _origin.Connections), Is.EqualTo((wanted ?? "two", 2)));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Idle_connections_are_bounded([Values(2, 3, 4)] int exchanges, CancellationToken token)
    {
        var origin = Own(new InProcessOrigin(maxIdle: 3));
        Task<ClientExchange>[] sending = [.. Enumerable.Range(0, exchanges).Select(_ => origin.Client.SendAsync(InProcessOrigin.Post("/"), token))];
        var peers = new List<InProcessPeer>();
        foreach (Task<ClientExchange> _ in sending) peers.Add(await origin.AcceptAsync(token));
        foreach (InProcessPeer peer in peers)
        {
            await peer.ReadMessageAsync(token);
            await peer.SendAsync(Empty200, token);
        }

        foreach (Task<ClientExchange> one in sending) (await one.ComesAsync(token)).Finish();

        Assert.That((origin.Connections, origin.Client.IdleConnections), Is.EqualTo((Math.Min(exchanges, 3), Math.Min(exchanges, 3))));
    }

    [TestCase("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")]
    [TestCase("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n")]
    [TestCase("HTTP/1.1 304 Not Modified\r\n\r\n")]
    [TestCase("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc")]
    [TestCase("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")]
    [TestCase("HTTP/1.1 200 OK\r\n\r\nuntil close")]
    [CancelAfter(30_000)]
    public async Task What_cannot_go_on_is_not_kept(string answer, CancellationToken token)
    {
        // The exchange is ended without its body having been read.
        Task<ClientExchange> sending = _origin.Client.SendAsync(InProcessOrigin.Post("/"), token);
        InProcessPeer peer = await _origin.AcceptAsync(token);
        await peer.ReadMessageAsync(token);
        await peer.SendAsync(answer, token);
        (await sending.ComesAsync(token)).Finish();

        Assert.That((_origin.Connections, _origin.Client.IdleConnections), Is.EqualTo((0, 0)));
        Assert.That((await peer.ReadToEndAsync(token)).Text, Is.Empty);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Bytes_that_nobody_asked_for_rule_a_connection_out([Values] bool atOnce, CancellationToken token)
    {
        Task<ClientExchange> sending = _origin.Client.SendAsync(InProcessOrigin.Post("/"), token);
        InProcessPeer peer = await _origin.AcceptAsync(token);
        await peer.ReadMessageAsync(token);
        await peer.SendAsync(Empty200 + (atOnce ? Empty200 : ""), token);
        (await sending.ComesAsync(token)).Finish();
        if (!atOnce) await peer.SendAsync(Empty200, token);
        // The next request may be sent before those bytes have been noticed only if they came after it.
        await InProcessWait.UntilAsync(
            () =>
            {
                _origin.Time.Advance(TimeSpan.FromSeconds(1));
                return _origin.Client.IdleConnections == 0;
            },
            "the connection is dropped",
            token);

        Task<ClientExchange> next = _origin.Client.SendAsync(InProcessOrigin.Post("/next"), token);
        InProcessPeer other = await _origin.AcceptAsync(token);
        Assert.That((await other.ReadMessageAsync(token)).StartLine, Is.EqualTo("POST /next HTTP/1.1"));
        await other.SendAsync(Empty200, token);
        (await next.ComesAsync(token)).Finish();
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Bytes_behind_a_body_rule_a_connection_out_at_once(CancellationToken token)
    {
        Task<ClientExchange> sending = _origin.Client.SendAsync(InProcessOrigin.Post("/"), token);
        InProcessPeer peer = await _origin.AcceptAsync(token);
        await peer.ReadMessageAsync(token);
        await peer.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx" + Empty200, token);
        await (await sending.ComesAsync(token)).ReadBodyAsync(1);

        Task<ClientExchange> next = _origin.Client.SendAsync(InProcessOrigin.Post("/next"), token);
        await InProcessOrigin.AnswerAsync(await _origin.AcceptAsync(token), next, token);

        Assert.That((await peer.ReadToEndAsync(token)).Text, Is.Empty, "the next request did not go there");
    }

    [TestCase("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")]
    [TestCase("HTTP/1.1 204 No Content\r\n\r\n")]
    [TestCase("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [CancelAfter(30_000)]
    public async Task Bytes_behind_a_stream_without_data_rule_a_connection_out_at_once(string answer, CancellationToken token)
    {
        Task<ClientExchange> sending = _origin.Client.SendAsync(InProcessOrigin.Post("/"), token);
        InProcessPeer peer = await _origin.AcceptAsync(token);
        await peer.ReadMessageAsync(token);
        await peer.SendAsync(answer + Empty200, token);
        ClientExchange exchange = await sending.ComesAsync(token);
        var received = new InProcessChannel();
        Assert.That((await new Http.Flow.Flow(exchange.OpenResponseBody(), new RawSink(received)).RunAsync()).IsClean, Is.True);
        exchange.EndResponseBody();
        exchange.Finish();

        Task<ClientExchange> next = _origin.Client.SendAsync(InProcessOrigin.Post("/next"), token);
        await InProcessOrigin.AnswerAsync(await _origin.AcceptAsync(token), next, token);

        Assert.That(received.Sent, Is.Empty);
        Assert.That((await peer.ReadToEndAsync(token)).Text, Is.Empty, "the next request did not go there");
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_connection_whose_upload_did_not_end_is_not_kept(CancellationToken token)
    {
        ClientExchange exchange = await _origin.Client.StartStreamAsync(InProcessOrigin.Post("/up") with { StreamsBody = true }, token);
        InProcessPeer peer = await _origin.AcceptAsync(token);
        await peer.ReadHeadAsync(token);
        await peer.SendAsync(Empty200, token);
        await exchange.ReadResponseAsync(Timeout.InfiniteTimeSpan);
        Assert.That(exchange.WasAnsweredEarly, Is.True);
        exchange.Finish();

        Assert.That(_origin.Connections, Is.Zero);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_connection_that_was_answered_early_is_not_kept_even_where_the_upload_then_ends(CancellationToken token)
    {
        ClientExchange exchange = await _origin.Client.StartStreamAsync(InProcessOrigin.Post("/up") with { StreamsBody = true }, token);
        InProcessPeer peer = await _origin.AcceptAsync(token);
        await peer.ReadHeadAsync(token);
        await peer.SendAsync(Empty200, token);
        await exchange.ReadResponseAsync(Timeout.InfiniteTimeSpan);
        await UploadAsync(exchange, "abc");
        exchange.Finish();

        Assert.That(_origin.Connections, Is.Zero);
        Assert.That((await peer.ReadToEndAsync(token)).Text, Is.EqualTo("3\r\nabc\r\n0\r\n\r\n"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_connection_whose_upload_was_answered_at_its_end_is_kept(CancellationToken token)
    {
        ClientExchange exchange = await _origin.Client.StartStreamAsync(InProcessOrigin.Post("/up") with { StreamsBody = true }, token);
        InProcessPeer peer = await _origin.AcceptAsync(token);
        PeerMessage head = await peer.ReadHeadAsync(token);
        Task reading = exchange.ReadResponseAsync(Timeout.InfiniteTimeSpan).AsTask();
        await UploadAsync(exchange, "abc");
        Assert.That(await peer.ReadChunkedBodyAsync(token), Is.EqualTo("abc"u8.ToArray()));
        await peer.SendAsync(Empty200, token);
        await reading.ComesAsync(token);
        exchange.Finish();

        Assert.That((head["Transfer-Encoding"], exchange.WasAnsweredEarly, _origin.Client.IdleConnections), Is.EqualTo(("chunked", false, 1)));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task An_idle_connection_is_kept_for_90_seconds(CancellationToken token)
    {
        InProcessPeer peer = await _origin.OpenIdleAsync(token);
        _origin.Time.Advance(TimeSpan.FromSeconds(89));
        Assert.That(_origin.Client.IdleConnections, Is.EqualTo(1));
        _origin.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.That((_origin.Connections, _origin.Client.IdleConnections), Is.EqualTo((0, 0)));
        Assert.That(await peer.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Fin)));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Each_use_begins_the_90_seconds_anew(CancellationToken token)
    {
        InProcessPeer peer = await _origin.OpenIdleAsync(token);
        _origin.Time.Advance(TimeSpan.FromSeconds(80));
        await InProcessOrigin.AnswerAsync(peer, _origin.Client.SendAsync(InProcessOrigin.Post("/"), token), token);
        _origin.Time.Advance(TimeSpan.FromSeconds(89));

        Assert.That(_origin.Client.IdleConnections, Is.EqualTo(1));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task An_idle_connection_that_the_server_closes_is_dropped([Values] bool resets, CancellationToken token)
    {
        InProcessPeer peer = await _origin.OpenIdleAsync(token);
        if (resets) peer.Reset();
        else peer.SendFin();

        await InProcessWait.UntilAsync(
            () =>
            {
                _origin.Time.Advance(TimeSpan.FromSeconds(1));
                return _origin.Connections == 0;
            },
            "the connection is dropped",
            token);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_request_goes_to_a_new_connection_where_the_kept_one_is_closed([Values] bool idempotent, CancellationToken token)
    {
        // With a body, the connection rests with its receive loop parked: the close is seen when it is asked for.
        Task<ClientExchange> first = _origin.Client.SendAsync(InProcessOrigin.Post("/first"), token);
        InProcessPeer peer = await _origin.AcceptAsync(token);
        await peer.ReadMessageAsync(token);
        await peer.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", token);
        await (await first.ComesAsync(token)).ReadBodyAsync(1);
        peer.Dispose();

        Task<ClientExchange> next = _origin.Client.SendAsync(InProcessOrigin.Post("/next") with { IsIdempotent = idempotent }, token);
        await InProcessOrigin.AnswerAsync(await _origin.AcceptAsync(token), next, token);

        Assert.That(_origin.Connections, Is.EqualTo(1));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task An_idempotent_request_is_sent_again_where_a_kept_connection_dies_under_it([Values] bool resets, CancellationToken token)
    {
        InProcessPeer peer = await _origin.OpenIdleAsync(token);
        Task<ClientExchange> sending = _origin.Client.SendAsync(InProcessOrigin.Post("/next") with { IsIdempotent = true, Body = "abc"u8.ToArray() }, token);
        Assert.That((await peer.ReadMessageAsync(token)).Text, Is.EqualTo("abc"));
        if (resets) peer.Reset();
        else peer.Dispose();

        InProcessPeer other = await _origin.AcceptAsync(token);
        PeerMessage again = await other.ReadMessageAsync(token);
        await other.SendAsync(Empty200, token);
        (await sending.ComesAsync(token)).Finish();

        Assert.That((again.StartLine, again.Text), Is.EqualTo(("POST /next HTTP/1.1", "abc")));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Another_request_is_not_sent_again(CancellationToken token)
    {
        InProcessPeer peer = await _origin.OpenIdleAsync(token);
        Task<ClientExchange> sending = _origin.Client.SendAsync(InProcessOrigin.Post("/next"), token);
        await peer.ReadMessageAsync(token);
        peer.Dispose();

        Assert.That(async () => await sending.ComesAsync(token), Throws.TypeOf<ExchangeException>().With.Message.Contains("without an answer"));
        Assert.That(_origin.Connections, Is.Zero);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Nothing_is_sent_again_once_the_answer_has_begun(CancellationToken token)
    {
        InProcessPeer peer = await _origin.OpenIdleAsync(token);
        Task<ClientExchange> sending = _origin.Client.SendAsync(InProcessOrigin.Post("/next") with { IsIdempotent = true }, token);
        await peer.ReadMessageAsync(token);
        await peer.SendAsync("H", token);
        peer.SendFin();

        Assert.That(async () => await sending.ComesAsync(token), Throws.TypeOf<ExchangeException>().With.Message.Contains("broke off"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Nothing_is_sent_again_on_a_connection_that_was_new(CancellationToken token)
    {
        Task<ClientExchange> sending = _origin.Client.SendAsync(InProcessOrigin.Post("/next") with { IsIdempotent = true }, token);
        InProcessPeer peer = await _origin.AcceptAsync(token);
        await peer.ReadMessageAsync(token);
        peer.Dispose();

        Assert.That(async () => await sending.ComesAsync(token), Throws.TypeOf<ExchangeException>());
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_server_that_is_slow_is_not_asked_again(CancellationToken token)
    {
        InProcessPeer peer = await _origin.OpenIdleAsync(token);
        Task<ClientExchange> sending = _origin.Client.SendAsync(
            InProcessOrigin.Post("/next") with { IsIdempotent = true, AskedWait = TimeSpan.FromSeconds(1) }, token);
        await _origin.UntilDeadlineIsAsync(TimeSpan.FromSeconds(16), token);
        _origin.Time.Advance(TimeSpan.FromSeconds(16));

        Assert.That(async () => await sending.ComesAsync(token), Throws.TypeOf<ExchangeException>().With.Message.Contains("in time"));
        Assert.That((await peer.ReadToEndAsync(token)).End, Is.EqualTo(PeerEnd.Reset));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Aborting_an_exchange_that_is_over_does_nothing_to_the_next(CancellationToken token)
    {
        Task<ClientExchange> first = _origin.Client.SendAsync(InProcessOrigin.Post("/first"), token);
        InProcessPeer peer = await _origin.AcceptAsync(token);
        await InProcessOrigin.AnswerAsync(peer, first, token);
        Task<ClientExchange> next = _origin.Client.SendAsync(InProcessOrigin.Post("/next"), token);
        await peer.ReadMessageAsync(token);

        (await first).Abort();
        (await first).Finish();
        await peer.SendAsync(Empty200, token);

        (await next.ComesAsync(token)).Finish();
        Assert.That((_origin.Connections, _origin.Client.IdleConnections), Is.EqualTo((1, 1)));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task An_exchange_that_was_aborted_is_not_kept(CancellationToken token)
    {
        Task<ClientExchange> sending = _origin.Client.SendAsync(InProcessOrigin.Post("/"), token);
        InProcessPeer peer = await _origin.AcceptAsync(token);
        await peer.ReadMessageAsync(token);
        await peer.SendAsync(Empty200, token);
        ClientExchange exchange = await sending.ComesAsync(token);
        exchange.Abort();
        exchange.Finish();

        Assert.That(_origin.Connections, Is.Zero);
        Assert.That((await peer.ReadToEndAsync(token)).End, Is.EqualTo(PeerEnd.Reset));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Disposing_closes_what_is_idle_and_later_what_is_in_use(CancellationToken token)
    {
        InProcessPeer idle = await _origin.OpenIdleAsync(token);
        Task<ClientExchange> one = _origin.Client.SendAsync(InProcessOrigin.Post("/"), token), two = _origin.Client.SendAsync(InProcessOrigin.Post("/"), token);
        InProcessPeer busy = await _origin.AcceptAsync(token);
        await InProcessOrigin.AnswerAsync(idle, one, token);
        _origin.Client.Dispose();
        Assert.That(await idle.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Fin)));

        await InProcessOrigin.AnswerAsync(busy, two, token);

        Assert.That(await busy.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Fin)));
    }

    private static async Task UploadAsync(ClientExchange exchange, string text)
    {
        using var source = new InProcessChannel([System.Text.Encoding.ASCII.GetBytes(text)], ChannelEnd.Fin);
        FlowResult result = await new Http.Flow.Flow(new RawSource(source), exchange.OpenRequestBody()).RunAsync();
        Assert.That(result.IsClean, Is.True);
        exchange.EndRequestBody();
    }
}
