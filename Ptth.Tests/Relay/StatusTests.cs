using NUnit.Framework;
using Ptth.Common.Protocol;
using Ptth.Relay.Configuration;
using Ptth.Tests.Support;

namespace Ptth.Tests.Relay;

/// <summary>Every row of the protocol's table of errors.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class StatusTests : InProcessTest
{
    private const string Chunked = "Transfer-Encoding: chunked\r\n";
    private const string UnknownId = "AAAAAAAAAAAAAAAAAAAAAA";

    private static readonly string[] Protected =
        ["listen/ssh", "connect/home/ssh", "accept/" + UnknownId, "reject/" + UnknownId, "upstream/" + UnknownId, "downstream/" + UnknownId];

    private static readonly RelayLimits FewOfAll =
        new() { MaxTunnels = 4, MaxTunnelsPerClient = 3, MaxWaitingListensPerServer = 3, MaxWaitingConnectsPerClient = 2 };

    [Test]
    [CancelAfter(30_000)]
    public async Task Health(CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay());
        PeerMessage answer = await relay.AskAsync("health", null, token, method: "GET");
        using InProcessPeer peer = await relay.OpenAsync(token);
        await peer.SendAsync(InProcessRelay.Head("HEAD", "health", null) + InProcessRelay.Head("GET", "health?x=y", null, version: "HTTP/1.0"), token);
        PeerMessage head = await peer.ReadHeadAsync(token);

        Assert.That((answer.Status, answer.Text.Trim()), Is.EqualTo((200, "ok")));
        Assert.That((head.Status, head["Content-Length"]), Is.EqualTo((200, answer["Content-Length"])));
        Assert.That((await peer.ReadMessageAsync(token)).Text, Is.EqualTo(answer.Text));
    }

    [TestCase("http://relay.example/v1/health", 200)]
    [TestCase("HTTP://relay.example:80/v1/health?x", 200)]
    [TestCase("http://relay.example?/v1/health", 404)]
    [TestCase("http://relay.example", 404)]
    [TestCase("/v2/health", 404)]
    [TestCase("/", 404)]
    [CancelAfter(30_000)]
    public async Task Paths_in_targets_of_all_forms(string target, int status, CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay());
        InProcessPeer peer = await relay.OpenAsync(token);
        await peer.SendAsync($"GET {target} HTTP/1.1\r\nHost: relay.example\r\n\r\n", token);

        PeerMessage answer = await peer.ReadMessageAsync(token);

        Assert.That(answer.Status, Is.EqualTo(status));
        if (status != 200) AssertProblem(answer, status);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_malformed_request_is_400_and_closes(CancellationToken token)
    {
        InProcessPeer peer = await Own(new InProcessRelay()).OpenAsync(token);
        await peer.SendAsync("GET /v1/health HTTP/1.1\r\n\r\n", token);
        PeerMessage answer = await peer.ReadMessageAsync(token);

        AssertProblem(answer, 400);
        Assert.That(answer["Connection"], Is.EqualTo("close"));
        Assert.That(await peer.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Fin)));
    }

    [TestCase("listen/")]
    [TestCase("listen/.ssh")]
    [TestCase("listen/ss%20h")]
    [TestCase("connect/home/_ssh")]
    [TestCase("connect//ssh")]
    [TestCase("connect/ho%6De/ssh")]
    [CancelAfter(30_000)]
    public async Task A_name_that_is_none_is_400(string path, CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay());
        PtthKey key = path.StartsWith("listen", StringComparison.Ordinal) ? InProcessRelay.Home : InProcessRelay.Laptop;

        AssertProblem(await relay.AskAsync(path, key, token), 400);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Names_at_their_bound_and_one_over([Values(64, 65)] int length, CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay());
        PeerMessage answer = await relay.AskAsync($"connect/home/{new string('p', length)}", InProcessRelay.Laptop, token, "Prefer: wait=0\r\n");

        AssertProblem(answer, length > 64 ? 400 : 503);
    }

    [TestCase("not json")]
    [TestCase("[]")]
    [TestCase("{\"type\":\"x\"} y")]
    [CancelAfter(30_000)]
    public async Task A_reason_that_is_none_is_400_and_rejects_nothing(string body, CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay());
        (InProcessPeer connect, string id) = await relay.OfferAsync(token);

        AssertProblem(await relay.AskAsync($"reject/{id}", InProcessRelay.Home, token, body: body), 400);
        AssertProblem(await relay.AskAsync($"reject/{id}", InProcessRelay.Home, token, Chunked, "x\r\n"), 400);
        Assert.That((await relay.AskAsync($"reject/{id}", InProcessRelay.Home, token, body: "{\"title\":\"No\",\"detail\":\"So\"}")).Status, Is.EqualTo(204));
        AssertProblem(await connect.ReadMessageAsync(token), 502);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_key_that_is_not_known_is_401([ValueSource(nameof(Protected))] string path, CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay());
        foreach (PtthKey? key in new[] { null, PtthKey.Generate() })
        {
            PeerMessage answer = await relay.AskAsync(path, key, token);
            AssertProblem(answer, 401);
            Assert.That(answer["WWW-Authenticate"], Is.EqualTo("Bearer"));
        }
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task What_a_key_may_not_do_is_403(CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay());
        foreach (string path in Protected)
        {
            bool isClients = path.StartsWith("connect", StringComparison.Ordinal) || path.StartsWith("upstream", StringComparison.Ordinal);
            AssertProblem(await relay.AskAsync(path, isClients ? InProcessRelay.Home : InProcessRelay.Laptop, token), 403);
        }

        PeerMessage exists = await relay.AskAsync("connect/office/ssh", InProcessRelay.Laptop, token);
        PeerMessage doesNot = await relay.AskAsync("connect/nowhere/ssh", InProcessRelay.Laptop, token);
        AssertProblem(exists, 403);
        Assert.That(doesNot.Text, Is.EqualTo(exists.Text), "nothing is told about names that may not be used");
        AssertProblem(await relay.AskAsync("connect/office/http", InProcessRelay.Phone, token), 403);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task What_is_not_there_is_404(CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay());
        (_, string id) = await relay.OfferAsync(token);

        AssertProblem(await relay.AskAsync("nothing", null, token), 404);
        AssertProblem(await relay.AskAsync("connect/missing/ssh", InProcessRelay.Laptop, token), 404);
        foreach (string unknown in new[] { UnknownId, "short", id[..^1], id + "A", id.ToUpperInvariant() })
            AssertProblem(await relay.AskAsync($"accept/{unknown}", InProcessRelay.Home, token), 404);
        // An id of others is as unknown as any.
        foreach (string path in new[] { "accept/", "reject/", "downstream/" })
            AssertProblem(await relay.AskAsync(path + id, InProcessRelay.Office, token), 404);
        AssertProblem(await relay.AskAsync("upstream/" + id, InProcessRelay.Phone, token), 404);
    }

    [TestCase("health", "POST", "GET, HEAD")]
    [TestCase("listen/ssh", "PUT", "GET, POST")]
    [TestCase("connect/home/ssh", "GET", "POST")]
    [TestCase("accept/" + UnknownId, "GET", "POST")]
    [TestCase("reject/" + UnknownId, "DELETE", "POST")]
    [TestCase("upstream/" + UnknownId, "PUT", "POST")]
    [TestCase("downstream/" + UnknownId, "PUT", "POST")]
    [CancelAfter(30_000)]
    public async Task A_wrong_method_is_405(string path, string method, string allow, CancellationToken token)
    {
        PeerMessage answer = await Own(new InProcessRelay()).AskAsync(path, null, token, method: method);

        AssertProblem(answer, 405);
        Assert.That(answer["Allow"], Is.EqualTo(allow));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task What_is_attached_already_is_409(CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay());
        InProcessTunnel tunnel = await InProcessTunnel.OpenAsync(relay, token);
        await tunnel.AssertCarriesAsync(token);

        AssertProblem(await relay.AskAsync("accept/" + tunnel.Id, InProcessRelay.Home, token), 409);
        AssertProblem(await relay.AskAsync("reject/" + tunnel.Id, InProcessRelay.Home, token, body: "{}"), 409);
        AssertProblem(await relay.AskAsync("upstream/" + tunnel.Id, InProcessRelay.Laptop, token, Chunked, "0\r\n\r\n"), 409);
        AssertProblem(await relay.AskAsync("downstream/" + tunnel.Id, InProcessRelay.Home, token, Chunked, "0\r\n\r\n"), 409);
        await tunnel.AssertCarriesAsync(token);
        await tunnel.EndUpAsync(token);
        AssertProblem(await relay.AskAsync("upstream/" + tunnel.Id, InProcessRelay.Laptop, token, Chunked, "0\r\n\r\n"), 409);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task The_other_party_has_gone_is_410_and_later_404(CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay());
        (InProcessPeer connect, string id) = await relay.OfferAsync(token);
        connect.Dispose();
        await InProcessWait.UntilAsync(() => relay.Context.Tunnels.Open == 0, "the tunnel is gone", token);

        await AssertAllAsync(410);
        relay.Advance(9);
        await AssertAllAsync(410);
        relay.Advance(1);
        await AssertAllAsync(404);

        async Task AssertAllAsync(int status)
        {
            AssertProblem(await relay.AskAsync("accept/" + id, InProcessRelay.Home, token), status);
            AssertProblem(await relay.AskAsync("reject/" + id, InProcessRelay.Home, token, body: "{}"), status);
            AssertProblem(await relay.AskAsync("upstream/" + id, InProcessRelay.Laptop, token, Chunked, "0\r\n\r\n"), status);
            AssertProblem(await relay.AskAsync("downstream/" + id, InProcessRelay.Home, token, Chunked, "0\r\n\r\n"), status);
        }
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_tunnel_that_was_completed_is_404(CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay());
        InProcessTunnel tunnel = await InProcessTunnel.OpenAsync(relay, token);
        await tunnel.EndUpAsync(token);
        await tunnel.EndDownAsync(token);

        AssertProblem(await relay.AskAsync("accept/" + tunnel.Id, InProcessRelay.Home, token), 404);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_reason_over_its_bound_is_413([Values] bool chunked, [Values(1024, 1025)] int length, CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay());
        (InProcessPeer connect, string id) = await relay.OfferAsync(token);
        string reason = "{\"detail\":\"" + new string('d', length - "{\"detail\":\"\"}".Length) + "\"}";
        InProcessPeer peer = await relay.OpenAsync(token);
        string request = chunked
            ? InProcessRelay.Head("POST", "reject/" + id, InProcessRelay.Home, Chunked) + $"{length:x}\r\n{reason}\r\n0\r\n\r\n"
            : InProcessRelay.Head("POST", "reject/" + id, InProcessRelay.Home, $"Content-Length: {length}\r\n") + reason;
        await peer.SendAsync(request + InProcessRelay.Head("GET", "health", null), token);

        PeerMessage answer = await peer.ReadMessageAsync(token);

        if (length > 1024) AssertProblem(answer, 413);
        else Assert.That(answer.Status, Is.EqualTo(204));
        Assert.That((await peer.ReadMessageAsync(token)).Status, Is.EqualTo(200), "the connection goes on");
        connect.Dispose();
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_body_that_nobody_wants_is_413_over_its_bound([Values(65_536, 65_537)] int length, CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay());
        string body = new('b', length);
        PeerMessage answer = await relay.AskAsync("connect/home/ssh", InProcessRelay.Laptop, token, "Prefer: wait=0\r\n", body);

        AssertProblem(answer, length > 65_536 ? 413 : 503);
    }

    [TestCase("connect/home/ssh", false)]
    [TestCase("listen/ssh", true)]
    [CancelAfter(30_000)]
    public async Task A_chunked_body_that_nobody_wants_is_413_over_its_bound(string path, bool isServer, CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay());
        string body = $"10001\r\n{new string('b', 65_537)}\r\n0\r\n\r\n";

        PeerMessage answer = await relay.AskAsync(path, isServer ? InProcessRelay.Home : InProcessRelay.Laptop, token, Chunked, body);

        AssertProblem(answer, 413);
        Assert.That(answer["Connection"], Is.EqualTo("close"));
    }

    [TestCase("connect/home/ssh", false)]
    [TestCase("listen/ssh", true)]
    [CancelAfter(30_000)]
    public async Task A_broken_body_that_nobody_wants_is_400(string path, bool isServer, CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay());

        PeerMessage answer = await relay.AskAsync(path, isServer ? InProcessRelay.Home : InProcessRelay.Laptop, token, Chunked, "1\r\nab\r\n");

        AssertProblem(answer, 400);
        Assert.That(answer["Connection"], Is.EqualTo("close"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_head_over_its_bounds_is_414_or_431(CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay());
        AssertProblem(await relay.AskAsync(new string('x', 5_000), null, token), 414);
        AssertProblem(await relay.AskAsync("health", null, token, $"X: {new string('x', 17_000)}\r\n"), 431);
        AssertProblem(await relay.AskAsync("health", null, token, string.Concat(Enumerable.Repeat("X: y\r\n", 100))), 431);
    }

    [TestCase("connect/home/ssh")]
    [TestCase("accept/" + UnknownId)]
    [TestCase("upstream/" + UnknownId)]
    [TestCase("downstream/" + UnknownId)]
    [CancelAfter(30_000)]
    public async Task A_stream_in_http_1_0_is_426(string path, CancellationToken token)
    {
        PeerMessage answer = await Own(new InProcessRelay()).AskAsync(path, InProcessRelay.Laptop, token, version: "HTTP/1.0");

        AssertProblem(answer, 426);
        Assert.That((answer["Upgrade"], answer.Text.Contains("proxy_http_version 1.1", StringComparison.Ordinal)), Is.EqualTo(("HTTP/1.1", true)));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Listen_in_http_1_0_is_served(CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay());
        InProcessPeer listen = await relay.OpenAsync(token);
        await listen.SendAsync(InProcessRelay.Head("GET", "listen/ssh", InProcessRelay.Home, version: "HTTP/1.0"), token);
        InProcessPeer connect = await relay.SendAsync("connect/home/ssh", InProcessRelay.Laptop, token);

        Assert.That((await listen.ReadMessageAsync(token))["Ptth-Client"], Is.EqualTo("laptop"));
        connect.Dispose();
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Of_too_many_waiting_listens_the_oldest_gets_429(CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay(FewOfAll));
        InProcessPeer oldest = await relay.ListenAsync(token, "p0");
        for (int i = 1; i < 3; i++) await relay.ListenAsync(token, $"p{i}");

        InProcessPeer newcomer = await relay.SendAsync("listen/ssh", InProcessRelay.Home, token);

        AssertBusy(await oldest.ReadMessageAsync(token));
        await relay.SendAsync("connect/home/ssh", InProcessRelay.Laptop, token);
        Assert.That((await newcomer.ReadMessageAsync(token))["Ptth-Client"], Is.EqualTo("laptop"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Too_many_waiting_connects_are_429(CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay(FewOfAll));
        for (int i = 0; i < 2; i++) await relay.ConnectAsync(token, $"p{i}");

        AssertBusy(await relay.AskAsync("connect/home/ssh", InProcessRelay.Laptop, token));
        Assert.That(relay.Context.Tunnels.Open, Is.EqualTo(2));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Too_many_tunnels_are_429(CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay(FewOfAll));
        List<InProcessTunnel> tunnels = [];
        for (int i = 0; i < 3; i++) tunnels.Add(await InProcessTunnel.OpenAsync(relay, token));

        AssertBusy(await relay.AskAsync("connect/home/ssh", InProcessRelay.Laptop, token, "Prefer: wait=0\r\n"));
        // The fourth in all is another client's.
        InProcessPeer phone = await relay.SendAsync("connect/office/ssh", InProcessRelay.Phone, token);
        await InProcessWait.UntilAsync(() => relay.Context.Tunnels.Open == 4, "a fourth tunnel waits", token);
        AssertBusy(await relay.AskAsync("connect/office/ssh", InProcessRelay.Phone, token, "Prefer: wait=0\r\n"));
        foreach (InProcessTunnel tunnel in tunnels) await tunnel.AssertCarriesAsync(token);

        phone.Dispose();
        await tunnels[0].EndUpAsync(token);
        await tunnels[0].EndDownAsync(token);
        await InProcessWait.UntilAsync(() => relay.Context.Tunnels.Open == 2, "two tunnels are open", token);
        await InProcessTunnel.OpenAsync(relay, token);
    }

    [TestCase(ProblemTypes.TargetRefused)]
    [TestCase(ProblemTypes.TargetTimeout)]
    [TestCase(ProblemTypes.TargetUnreachable)]
    [TestCase(ProblemTypes.UnknownPort)]
    [CancelAfter(30_000)]
    public async Task What_the_server_rejects_is_502_with_its_reason(string type, CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay());
        (InProcessPeer connect, string id) = await relay.OfferAsync(token);
        byte[] reason = new Problem(type, "Title", 200, "Detail \u00fc").ToUtf8();
        PeerMessage rejected = await relay.AskAsync(
            "reject/" + id, InProcessRelay.Home, token, "Content-Type: application/problem+json\r\n", System.Text.Encoding.Latin1.GetString(reason));
        PeerMessage answer = await connect.ReadMessageAsync(token);

        Assert.That(rejected.Status, Is.EqualTo(204));
        AssertProblem(answer, 502, new Problem(type, "Title", 502, "Detail \u00fc"));
        AssertProblem(await relay.AskAsync("accept/" + id, InProcessRelay.Home, token), 410);
        AssertProblem(await relay.AskAsync("reject/" + id, InProcessRelay.Home, token, body: "{}"), 410);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Nobody_listening_is_503_after_the_wait(CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay());
        AssertBusy(await relay.AskAsync("connect/home/ssh", InProcessRelay.Laptop, token, "Prefer: wait=0\r\n"), 503);
        foreach ((string fields, int seconds) in new[] { ("", 10), ("Prefer: wait=3\r\n", 3), ("Prefer: wait=60\r\n", 60), ("Prefer: wait=61\r\n", 60) })
        {
            InProcessPeer connect = await relay.ConnectAsync(token, fields: fields);
            relay.Advance(seconds - 0.001);
            Assert.That(relay.Rendezvous.WaitingOffers(), Is.EqualTo(1));
            relay.Advance(0.001);
            AssertBusy(await connect.ReadMessageAsync(token), 503);
        }
    }

    [TestCase("", 25)]
    [TestCase("Prefer: wait=0\r\n", 1)]
    [TestCase("Prefer: wait=300\r\n", 300)]
    [TestCase("Prefer: wait=301\r\n", 300)]
    [CancelAfter(30_000)]
    public async Task Nobody_wanting_the_port_is_204_after_the_wait(string fields, int seconds, CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay());
        InProcessPeer listen = await relay.ListenAsync(token, fields: fields);
        relay.Advance(seconds - 0.001);
        Assert.That(relay.Rendezvous.WaitingListens(), Is.EqualTo(1));
        relay.Advance(0.001);
        PeerMessage answer = await listen.ReadMessageAsync(token);

        Assert.That((answer.Status, answer["Content-Length"], answer["Ptth-Connection"]), Is.EqualTo((204, (string?)null, (string?)null)));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_server_that_does_not_accept_in_time_is_504(CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay());
        (InProcessPeer connect, string id) = await relay.OfferAsync(token);
        relay.Advance(9.999);
        Assert.That(relay.Context.Tunnels.Open, Is.EqualTo(1));
        relay.Advance(0.001);

        AssertProblem(await connect.ReadMessageAsync(token), 504);
        AssertProblem(await relay.AskAsync("accept/" + id, InProcessRelay.Home, token), 410);
    }

    private static void AssertBusy(PeerMessage answer, int status = 429)
    {
        AssertProblem(answer, status);
        Assert.That(answer["Retry-After"], Is.Not.Null);
    }

    private static void AssertProblem(PeerMessage answer, int status, Problem? expected = null)
    {
        Assert.That(answer.Status, Is.EqualTo(status), answer.Text);
        Assert.That(answer["Content-Type"], Is.EqualTo("application/problem+json"));
        Assert.That(Problem.TryParse(answer.Body, out Problem? problem), Is.True, answer.Text);
        Assert.That(problem!.Status, Is.EqualTo(status));
        if (expected is not null) Assert.That(problem, Is.EqualTo(expected));
        else Assert.That((problem.Type, problem.Title.Length > 0, problem.Detail.Length > 0), Is.EqualTo((ProblemTypes.Blank, true, true)));
    }
}
