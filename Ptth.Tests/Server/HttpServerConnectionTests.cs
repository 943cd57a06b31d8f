using System.Text;
using NUnit.Framework;
using Ptth.Tests.Support;

namespace Ptth.Tests.Server;

/// <summary>Requests and answers on one connection: what goes on, what ends, and in which order.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class HttpServerConnectionTests : InProcessTest
{
    private const int DrainBytes = 64 * 1024;

    private InProcessServer _server = null!;

    [SetUp]
    public void Start() => _server = Own(new InProcessServer());

    [Test]
    [CancelAfter(30_000)]
    public async Task A_connection_serves_one_request_after_the_other(CancellationToken token)
    {
        InProcessPeer peer = _server.Connect().Peer;
        for (int i = 0; i < 50; i++)
        {
            await peer.SendAsync(Get($"/{i}"), token);
            PeerMessage answer = await peer.ReadMessageAsync(token);
            Assert.That((answer.Status, answer.Text, answer["Connection"]), Is.EqualTo((200, $"/{i}", (string?)null)));
        }
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Pipelined_requests_are_answered_in_order([Values] bool byteByByte, CancellationToken token)
    {
        InProcessPeer peer = _server.Connect().Peer;
        string requests = Get("/a") + Post("/echo", "b") + Post("/echo", Chunked("c")) + Post("/error", "d") + Post("/stream", Chunked("e")) + Get("/f");

        Task sending = byteByByte ? peer.SendByteByByteAsync(requests, token) : peer.SendAsync(requests, token);
        List<string> answers = [];
        for (int i = 0; i < 6; i++) answers.Add((await peer.ReadMessageAsync(token)).Text);
        await sending;

        Assert.That(answers, Is.EqualTo(new[] { "/a", "b", "c", "no", "e", "/f" }));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_pipelined_request_waits_for_the_answer_before_it(CancellationToken token)
    {
        InProcessPeer peer = _server.Connect().Peer;
        await peer.SendAsync(Get("/wait") + Get("/next"), token);
        await _server.UntilHandledAsync(1, token);
        Assert.That(_server.Handled, Is.EqualTo(new[] { "/wait" }));

        _server.Gate.SetResult();

        Assert.That((await peer.ReadMessageAsync(token)).Text, Is.EqualTo("waited"));
        Assert.That((await peer.ReadMessageAsync(token)).Text, Is.EqualTo("/next"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Head_is_answered_without_the_body(CancellationToken token)
    {
        InProcessPeer peer = _server.Connect().Peer;
        await peer.SendAsync("HEAD /abc HTTP/1.1\r\nHost: a\r\n\r\n" + Get("/next"), token);

        PeerMessage head = await peer.ReadHeadAsync(token);
        PeerMessage next = await peer.ReadMessageAsync(token);

        Assert.That((head.Status, head["Content-Length"], next.Text), Is.EqualTo((200, "4", "/next")));
    }

    [TestCase("HTTP/1.0", "", true)]
    [TestCase("HTTP/1.0", "Connection: keep-alive\r\n", false)]
    [TestCase("HTTP/1.1", "", false)]
    [TestCase("HTTP/1.1", "Connection: close\r\n", true)]
    [TestCase("HTTP/1.1", "Connection: foo, Close\r\n", true)]
    [CancelAfter(30_000)]
    public async Task The_client_says_whether_the_connection_goes_on(string version, string field, bool closes, CancellationToken token)
    {
        ServedPeer served = _server.Connect();
        await served.Peer.SendAsync($"GET /x {version}\r\nHost: a\r\n{field}\r\n", token);
        PeerMessage answer = await served.Peer.ReadMessageAsync(token);

        Assert.That((answer.Text, answer["Connection"]), Is.EqualTo(("/x", closes ? "close" : null)));
        if (closes)
        {
            Assert.That(await served.Peer.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Fin)));
            return;
        }

        await served.Peer.SendAsync(Get("/y"), token);
        Assert.That((await served.Peer.ReadMessageAsync(token)).Text, Is.EqualTo("/y"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task The_body_is_asked_for_when_the_client_waits_for_that(CancellationToken token)
    {
        InProcessPeer peer = _server.Connect().Peer;
        await peer.SendAsync("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n", token);
        Assert.That((await peer.ReadHeadAsync(token)).StartLine, Is.EqualTo("HTTP/1.1 100 Continue"));

        await peer.SendAsync("hi" + Get("/next"), token);

        Assert.That((await peer.ReadMessageAsync(token)).Text, Is.EqualTo("hi"));
        Assert.That((await peer.ReadMessageAsync(token)).Text, Is.EqualTo("/next"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_body_that_is_not_wanted_is_not_asked_for([Values("/error", "/wait")] string target, CancellationToken token)
    {
        _server.Gate.SetResult();
        InProcessPeer peer = _server.Connect().Peer;
        await peer.SendAsync($"POST {target} HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n", token);

        PeerMessage answer = await peer.ReadMessageAsync(token);

        Assert.That(answer.Status, Is.Not.EqualTo(100));
        Assert.That(answer["Connection"], Is.EqualTo("close"), "nobody can tell whether the body will come");
        Assert.That(await peer.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Fin)));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_refused_body_is_dropped_up_to_the_bound([Values] bool chunked, [Values(0, 1, DrainBytes)] int length, CancellationToken token)
    {
        InProcessPeer peer = _server.Connect().Peer;
        string body = new('x', length);
        await peer.SendAsync(Post("/error", chunked ? Chunked(body) : body), token);
        PeerMessage answer = await peer.ReadMessageAsync(token);
        await peer.SendAsync(Get("/next"), token);

        Assert.That((answer.Status, answer["Connection"]), Is.EqualTo((403, (string?)null)));
        Assert.That((await peer.ReadMessageAsync(token)).Text, Is.EqualTo("/next"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task One_byte_over_the_bound_closes([Values] bool chunked, CancellationToken token)
    {
        ServedPeer served = _server.Connect();
        string body = new('x', DrainBytes + 1);
        await served.Peer.SendAsync(Post("/error", chunked ? Chunked(body) : body), token);
        PeerMessage answer = await served.Peer.ReadMessageAsync(token);
        Assert.That(await served.Peer.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Fin)));
        served.Peer.SendFin();
        await served.Running.ComesAsync(token);

        // The length of a chunked body is not known when the answer is written.
        Assert.That((answer.Status, answer["Connection"]), Is.EqualTo((403, chunked ? null : "close")));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_body_over_the_handlers_bound_is_read_to_its_end([Values(1024, 1025, DrainBytes)] int length, [Values] bool chunked, CancellationToken token)
    {
        InProcessPeer peer = _server.Connect().Peer;
        string body = new('x', length);
        await peer.SendAsync(Post("/echo", chunked ? Chunked(body) : body) + Get("/next"), token);

        Assert.That((await peer.ReadMessageAsync(token)).Text, Is.EqualTo(length > 1024 ? "too long" : body));
        Assert.That((await peer.ReadMessageAsync(token)).Text, Is.EqualTo("/next"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_body_over_every_bound_is_announced_to_close(CancellationToken token)
    {
        InProcessPeer peer = _server.Connect().Peer;
        await peer.SendAsync(Post("/echo", Chunked(new string('x', DrainBytes + 1))), token);
        PeerMessage answer = await peer.ReadMessageAsync(token);

        Assert.That((answer.Text, answer["Connection"]), Is.EqualTo(("too long", "close")));
    }

    [TestCase("GET /x HTTP/1.1\r\n\r\n", 400)]
    [TestCase("GET  /x HTTP/1.1\r\nHost: a\r\n\r\n", 400)]
    [TestCase("GET /x HTTP/2.0\r\nHost: a\r\n\r\n", 505)]
    [TestCase("CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", 501)]
    [TestCase("GET /x HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n", 417)]
    [CancelAfter(30_000)]
    public async Task An_invalid_head_is_answered_and_the_answer_can_be_read(string head, int status, CancellationToken token)
    {
        ServedPeer served = _server.Connect();
        // What is sent behind it must not turn the end into a reset that takes the answer away.
        await served.Peer.SendAsync(head + new string('x', 30_000), token);
        PeerMessage answer = await served.Peer.ReadMessageAsync(token);

        Assert.That((answer.Status, answer["Connection"]), Is.EqualTo((status, "close")));
        Assert.That(await served.Peer.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Fin)));
        served.Peer.SendFin();
        await served.Running.ComesAsync(token);
        Assert.That(_server.Handled, Is.Empty);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Heads_at_their_bounds_and_one_over(CancellationToken token)
    {
        const int MaxHead = 16 * 1024, MaxStartLine = 4 * 1024, MaxFields = 64;
        string target = "/" + new string('t', MaxStartLine - "GET / HTTP/1.1\r\n".Length);
        string fields = string.Concat(Enumerable.Range(0, MaxFields - 1).Select(static i => $"X{i}: y\r\n"));
        string rest = "GET /x HTTP/1.1\r\nHost: a\r\nX: \r\n\r\n";
        string value = new('v', MaxHead - rest.Length);

        Assert.That(await AskAsync($"GET {target} HTTP/1.1\r\nHost: a\r\n\r\n", token), Is.EqualTo(200));
        Assert.That(await AskAsync($"GET {target}t HTTP/1.1\r\nHost: a\r\n\r\n", token), Is.EqualTo(414));
        Assert.That(await AskAsync($"GET /x HTTP/1.1\r\nHost: a\r\n{fields}\r\n", token), Is.EqualTo(200));
        Assert.That(await AskAsync($"GET /x HTTP/1.1\r\nHost: a\r\n{fields}Y: z\r\n\r\n", token), Is.EqualTo(431));
        Assert.That(await AskAsync($"GET /x HTTP/1.1\r\nHost: a\r\nX: {value}\r\n\r\n", token), Is.EqualTo(200));
        Assert.That(await AskAsync($"GET /x HTTP/1.1\r\nHost: a\r\nX: {value}v\r\n\r\n", token), Is.EqualTo(431));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_stream_is_echoed_while_it_comes(CancellationToken token)
    {
        InProcessPeer peer = _server.Connect().Peer;
        await peer.SendAsync(PostHead("/stream"), token);
        Assert.That((await peer.ReadHeadAsync(token))["Transfer-Encoding"], Is.EqualTo("chunked"));
        for (int i = 0; i < 20; i++)
        {
            await peer.SendChunkAsync($"message {i}", token);
            Assert.That(await peer.ReadDataAsync($"message {i}".Length, token), Is.EqualTo($"message {i}"));
        }

        await peer.SendAsync("0\r\n\r\n" + Get("/next"), token);
        Assert.That(await peer.ReadChunkAsync(token), Is.Null);
        Assert.That((await peer.ReadMessageAsync(token)).Text, Is.EqualTo("/next"));
    }

    [TestCase("3\r\nab", PeerEnd.Fin)]
    [TestCase("3\r\nab", PeerEnd.Reset)]
    [CancelAfter(30_000)]
    public async Task A_request_body_that_breaks_off_ends_the_connection_alone(string body, PeerEnd how, CancellationToken token)
    {
        ServedPeer served = _server.Connect();
        InProcessPeer other = _server.Connect().Peer;
        await served.Peer.SendAsync(PostHead("/stream"), token);
        await served.Peer.ReadHeadAsync(token);
        await served.Peer.SendAsync(body, token);
        Assert.That(await served.Peer.ReadDataAsync(2, token), Is.EqualTo("ab"));
        if (how == PeerEnd.Fin) served.Peer.SendFin();
        else served.Peer.Reset();
        await served.Running.ComesAsync(token);

        if (how == PeerEnd.Fin)
            Assert.That(await served.Peer.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Reset)), "no last chunk, and no clean end");
        await other.SendAsync(Get("/x"), token);
        Assert.That((await other.ReadMessageAsync(token)).Text, Is.EqualTo("/x"));
    }

    [TestCase("/throw", typeof(NotSupportedException))]
    [TestCase("/silent", typeof(InvalidProgramException))]
    [CancelAfter(30_000)]
    public async Task A_defect_of_the_handler_ends_its_connection_alone(string target, Type failure, CancellationToken token)
    {
        ServedPeer served = _server.Connect();
        InProcessPeer other = _server.Connect().Peer;
        await served.Peer.SendAsync(Get(target), token);

        Assert.That((await served.Peer.ReadToEndAsync(token)).Text, Is.Empty);
        Assert.That(async () => await served.Running.ComesAsync(token), Throws.TypeOf(failure));
        await other.SendAsync(Get("/x"), token);
        Assert.That((await other.ReadMessageAsync(token)).Text, Is.EqualTo("/x"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Aborting_breaks_a_stream_off_without_a_last_chunk(CancellationToken token)
    {
        ServedPeer served = _server.Connect();
        await served.Peer.SendAsync(PostHead("/stream"), token);
        await served.Peer.ReadHeadAsync(token);
        await served.Peer.SendChunkAsync("abc", token);
        await served.Peer.ReadDataAsync(3, token);

        served.Connection.Abort();

        Assert.That(await served.Peer.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Reset)));
        await served.Running.ComesAsync(token);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Aborting_an_exchange_that_is_over_does_nothing_to_the_next(CancellationToken token)
    {
        ServedPeer served = _server.Connect();
        await served.Peer.SendAsync(Get("/first"), token);
        await served.Peer.ReadMessageAsync(token);
        await served.UntilIdleIsAsync(true, token);
        await served.Peer.SendAsync(Get("/wait"), token);
        await _server.UntilHandledAsync(2, token);

        _server.Exchanges[0].Abort();
        _server.Gate.SetResult();

        Assert.That((await served.Peer.ReadMessageAsync(token)).Text, Is.EqualTo("waited"));
        Assert.That(_server.PeerGone.Task.IsCompleted, Is.False);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Draining_ends_each_connection_with_its_exchange(CancellationToken token)
    {
        ServedPeer busy = _server.Connect(), idle = _server.Connect();
        await busy.Peer.SendAsync(Get("/wait"), token);
        await _server.UntilHandledAsync(1, token);

        _server.IsDraining = true;
        busy.Connection.CloseIfIdle();
        idle.Connection.CloseIfIdle();
        Assert.That(await idle.Peer.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Fin)));
        _server.Gate.SetResult();
        PeerMessage answer = await busy.Peer.ReadMessageAsync(token);

        Assert.That((answer.Text, answer["Connection"]), Is.EqualTo(("waited", "close")));
        Assert.That(await busy.Peer.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Fin)));
    }

    [TestCase("fin", "")]
    [TestCase("reset", "")]
    [TestCase("fin", "Content-Length: 3\r\n\r\nabc")]
    [TestCase("reset", "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n")]
    [TestCase("fin", "Content-Length: 3\r\n\r\nab")]
    [TestCase("reset", "Transfer-Encoding: chunked\r\n\r\n1\r\na")]
    [CancelAfter(30_000)]
    public async Task A_peer_that_goes_away_while_it_waits_is_noticed(string how, string rest, CancellationToken token)
    {
        ServedPeer served = _server.Connect();
        await served.Peer.SendAsync("POST /wait HTTP/1.1\r\nHost: a\r\n" + (rest.Length == 0 ? "\r\n" : rest), token);
        await _server.UntilHandledAsync(1, token);
        Assert.That(_server.PeerGone.Task.IsCompleted, Is.False);

        if (how == "fin") served.Peer.SendFin();
        else served.Peer.Reset();

        await _server.PeerGone.Task.ComesAsync(token);
        await served.Running.ComesAsync(token);
        Assert.That(_server.Handled, Has.Count.EqualTo(1));
    }

    [TestCase("Content-Length: 3\r\n\r\nabc")]
    [TestCase("Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n")]
    [TestCase("\r\n")]
    [CancelAfter(30_000)]
    public async Task A_watch_leaves_the_next_request_alone(string rest, CancellationToken token)
    {
        InProcessPeer peer = _server.Connect().Peer;
        await peer.SendAsync("POST /wait HTTP/1.1\r\nHost: a\r\n" + rest, token);
        await _server.UntilHandledAsync(1, token);
        _server.Gate.SetResult();
        Assert.That((await peer.ReadMessageAsync(token)).Text, Is.EqualTo("waited"));

        await peer.SendAsync(Get("/next"), token);

        Assert.That((await peer.ReadMessageAsync(token)).Text, Is.EqualTo("/next"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task An_answer_may_overtake_a_body_that_is_being_dropped(CancellationToken token)
    {
        InProcessPeer peer = _server.Connect().Peer;
        await peer.SendAsync(PostHead("/wait") + "3\r\nab", token);
        await _server.UntilHandledAsync(1, token);
        _server.Gate.SetResult();
        Assert.That((await peer.ReadMessageAsync(token)).Text, Is.EqualTo("waited"));

        await peer.SendAsync("c\r\n0\r\n\r\n" + Get("/next"), token);

        Assert.That((await peer.ReadMessageAsync(token)).Text, Is.EqualTo("/next"));
    }

    [TestCase("")]
    [TestCase("Content-Length: 0\r\n")]
    [CancelAfter(30_000)]
    public async Task Behind_a_stream_without_a_body_comes_the_next_request(string framing, CancellationToken token)
    {
        InProcessPeer peer = _server.Connect().Peer;
        await peer.SendAsync($"POST /stream HTTP/1.1\r\nHost: a\r\n{framing}\r\n" + Get("/next") + Get("/last"), token);

        Assert.That((await peer.ReadMessageAsync(token)).Text, Is.Empty);
        Assert.That((await peer.ReadMessageAsync(token)).Text, Is.EqualTo("/next"));
        Assert.That((await peer.ReadMessageAsync(token)).Text, Is.EqualTo("/last"));
    }

    private async Task<int> AskAsync(string request, CancellationToken token)
    {
        InProcessPeer peer = _server.Connect().Peer;
        await peer.SendAsync(request, token);
        return (await peer.ReadMessageAsync(token)).Status;
    }

    private static string Get(string target) => $"GET {target} HTTP/1.1\r\nHost: a\r\n\r\n";

    private static string PostHead(string target) => $"POST {target} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

    private static string Post(string target, string body) => body.EndsWith("0\r\n\r\n", StringComparison.Ordinal)
        ? PostHead(target) + body
        : $"POST {target} HTTP/1.1\r\nHost: a\r\nContent-Length: {body.Length}\r\n\r\n{body}";

    private static string Chunked(string data)
    {
        var body = new StringBuilder();
        foreach (char[] chunk in data.Chunk(10_000)) body.Append($"{chunk.Length:x}\r\n").Append(chunk).Append("\r\n");
        return body.Append("0\r\n\r\n").ToString();
    }
}
