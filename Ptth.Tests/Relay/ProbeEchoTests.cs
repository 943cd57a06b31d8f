using System.Text.Json;
using NUnit.Framework;
using Ptth.Common.Protocol;
using Ptth.Tests.Support;

namespace Ptth.Tests.Relay;

/// <summary>What the relay's echo says of a request.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class ProbeEchoTests : InProcessTest
{
    private const string Chunked = "Transfer-Encoding: chunked\r\n";

    private readonly InProcessRelay _relay;

    public ProbeEchoTests() => _relay = Own(new InProcessRelay());

    [Test]
    [CancelAfter(30_000)]
    public async Task Echo_says_what_came_and_nothing_secret(CancellationToken token)
    {
        PeerMessage answer = await _relay.AskAsync("probe/echo", InProcessRelay.Laptop, token,
            "Via: 1.0 one\r\nVia: 1.1 two (x)\r\nX-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: a.example\r\n"
            + "Forwarded: for=192.0.2.1\r\nConnection: keep-alive\r\nX-Forwarded-Access-Token: secret\r\nCookie: secret\r\n", body: "hello");

        Assert.That((answer.Status, answer["Content-Type"], answer["Ptth-Accepts"]), Is.EqualTo((200, "application/json", "segments, probes")));
        Assert.That(answer.Text, Does.Not.Contain("secret").And.Not.Contain(InProcessRelay.Laptop.Reveal()));
        ProbeEcho echo = EchoIn(answer);
        Assert.That(echo with { Peer = null, ConnectionNumber = 0 }, Is.EqualTo(new ProbeEcho
        {
            Version = "1.1",
            Host = "relay.example",
            ContentLength = "5",
            Connection = "keep-alive",
            Via = "1.0 one, 1.1 two (x)",
            Forwarded = "for=192.0.2.1",
            XForwardedFor = "192.0.2.1",
            XForwardedHost = "a.example",
            XForwardedProto = "https",
            ConnectionRequests = 1,
            Party = "client",
            Name = "laptop",
            Relay = "0.1.0",
            Time = _relay.Time.GetUtcNow(),
        }));
        Assert.That(echo.Peer, Does.StartWith("127.0.0.1:"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task An_echo_is_answered_when_its_body_has_ended(CancellationToken token)
    {
        InProcessPeer peer = await _relay.SendAsync("probe/echo", InProcessRelay.Home, token, Chunked);
        await peer.SendAsync("1\r\n.\r\n", token);
        PeerMessage other = await _relay.AskAsync("probe/echo", InProcessRelay.Home, token);
        Assert.That((other.Status, peer.Socket.Available), Is.EqualTo((200, 0)));
        await peer.SendAsync("0\r\n\r\n", token);
        Assert.That((await peer.ReadMessageAsync(token)).Status, Is.EqualTo(200));

        PeerMessage invalid = await _relay.AskAsync("probe/echo", InProcessRelay.Home, token, Chunked, "x\r\n");
        // One byte more than is dropped.
        PeerMessage tooLong = await _relay.AskAsync("probe/echo", InProcessRelay.Home, token, Chunked, $"20000\r\n{new string('.', (64 * 1024) + 1)}");
        Assert.That((invalid.Status, tooLong.Status), Is.EqualTo((400, 413)));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Echo_answers_http_1_0_and_tells_chunked_from_length(CancellationToken token)
    {
        PeerMessage old = await _relay.AskAsync("probe/echo", InProcessRelay.Home, token, version: "HTTP/1.0");
        PeerMessage chunked = await _relay.AskAsync("probe/echo", InProcessRelay.Home, token, Chunked, "1\r\n.\r\n0\r\n\r\n");

        ProbeEcho echo = EchoIn(old);
        Assert.That((old["Connection"], echo.Version, echo.Party, echo.Name, echo.TransferEncoding), Is.EqualTo(("close", "1.0", "server", "home", (string?)null)));
        Assert.That((EchoIn(chunked).TransferEncoding, EchoIn(chunked).ContentLength), Is.EqualTo(("chunked", (string?)null)));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Echo_numbers_connections_and_their_requests(CancellationToken token)
    {
        List<(long Number, int Requests)> seen = [];
        for (int connection = 0; connection < 2; connection++)
        {
            InProcessPeer peer = await _relay.OpenAsync(token);
            for (int request = 0; request < 2; request++)
            {
                await peer.SendAsync(InProcessRelay.Head("POST", "probe/echo", InProcessRelay.Home, "Content-Length: 0\r\n"), token);
                ProbeEcho echo = EchoIn(await peer.ReadMessageAsync(token));
                seen.Add((echo.ConnectionNumber, echo.ConnectionRequests));
            }
        }

        Assert.That(seen.Select(static one => one.Requests), Is.EqualTo(new[] { 1, 2, 1, 2 }));
        Assert.That(seen.Select(static one => one.Number).Distinct().Count(), Is.EqualTo(2));
        Assert.That(seen[0].Number, Is.EqualTo(seen[1].Number));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Echo_cuts_long_fields_and_stays_within_its_bound(CancellationToken token)
    {
        string longest = new('"', ProbeEcho.MaxTextLength + 1);
        string fields = string.Concat(new[] { "Via", "Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto" }.Select(name => $"{name}: {longest}\r\n"));
        PeerMessage answer = await _relay.AskAsync("probe/echo", InProcessRelay.Home, token, fields);

        Assert.That(EchoIn(answer).Via, Is.EqualTo(longest[1..]));
        Assert.That(answer.Body, Has.Length.LessThanOrEqualTo(ProbeEcho.MaxBytes));
    }

    private static ProbeEcho EchoIn(PeerMessage answer) => JsonSerializer.Deserialize(answer.Body, ProbeJson.Default.ProbeEcho)!;
}
