using NUnit.Framework;
using Ptth.Tests.Support;

namespace Ptth.Tests.Server;

/// <summary>
/// Requests that two readers could take for different ones. Each ends in an error and a close, and what it tries to bring in with it
/// is never handled.
/// </summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class SmugglingTests : InProcessTest
{
    private const string Smuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";

    private InProcessServer _server = null!;

    private static readonly string[] Heads =
    [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        "Transfer-Encoding: chunked, chunked\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: chunked \x0b\r\n",
        "Transfer-Encoding : chunked\r\n",
        " Transfer-Encoding: chunked\r\n",
        "X: y\r\n Transfer-Encoding: chunked\r\n",
        "Transfer-Encoding:\r\n chunked\r\n",
        "Transfer-Encoding: \"chunked\"\r\n",
        "Transfer-Encoding: chunked;a=b\r\n",
        "Transfer-Encoding: chunked\n",
        "Content-Length: 5\r\nContent-Length: 0\r\n",
        "Content-Length: 0\r\nContent-Length: 0\r\n",
        "Content-Length: 0, 0\r\n",
        "Content-Length: +0\r\n",
        "Content-Length: -0\r\n",
        "Content-Length: 0x0\r\n",
        "Content-Length: 0 0\r\n",
        "Content-Length: \r\n",
        "Content-Length: 18446744073709551616\r\n",
        "Content-Length\x00: 0\r\n",
        "Transfer-Encoding:\tchunked\r\n",
        "Transfer-Encoding: chunked\t\r\n",
        "Transfer_Encoding: chunked\r\n",
        "Content_Length: 5\r\n",
        "Host: b\r\n",
    ];

    private static readonly string[] Bodies =
    [
        "0\n\r\n",
        "0\r\n\n",
        "0;\n\r\n\r\n",
        "+0\r\n\r\n",
        "-1\r\n\r\n",
        "0x0\r\n\r\n",
        " 0\r\n\r\n",
        "0 0\r\n\r\n",
        "\r\n0\r\n\r\n",
        "10000000000000000\r\n\r\n",
        "ffffffffffffffff\r\n",
        "1\r\nab\r\n0\r\n\r\n",
        "1\r\na\n0\r\n\r\n",
        "1\r\na0\r\n\r\n",
        "0\r\nBad Trailer: x\r\n\r\n",
        "0;a=\"\r\n\r\n",
        "0;a\nb\r\n\r\n",
        "0;a\rb\r\n\r\n",
        "0\r\r\n\r\n",
    ];

    [SetUp]
    public void Start() => _server = Own(new InProcessServer());

    [TestCaseSource(nameof(Heads))]
    [CancelAfter(30_000)]
    public async Task A_head_that_two_readers_could_frame_differently(string fields, CancellationToken token)
    {
        ServedPeer served = _server.Connect();
        await served.Peer.SendAsync($"POST /error HTTP/1.1\r\nHost: a\r\n{fields}\r\n0\r\n\r\n{Smuggled}", token);

        await AssertRefusedAsync(served, [], token);
    }

    [TestCaseSource(nameof(Bodies))]
    [CancelAfter(30_000)]
    public async Task A_chunked_body_that_two_readers_could_end_differently(string body, CancellationToken token)
    {
        foreach (string target in new[] { "/echo", "/error", "/wait" })
        {
            ServedPeer served = _server.Connect();
            int before = _server.Handled.Count;
            await served.Peer.SendAsync($"POST {target} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{body}{Smuggled}", token);
            await served.Peer.ReadToEndAsync(token);
            served.Peer.Dispose();
            await served.Running.ComesAsync(token);

            Assert.That(_server.Handled.Skip(before), Is.EqualTo(new[] { target }));
        }
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_refused_body_is_never_read_as_requests([Values] bool chunked, CancellationToken token)
    {
        InProcessPeer peer = _server.Connect().Peer;
        string body = chunked ? $"{Smuggled.Length:x}\r\n{Smuggled}\r\n0\r\n\r\n" : Smuggled;
        string framing = chunked ? "Transfer-Encoding: chunked" : $"Content-Length: {body.Length}";
        await peer.SendAsync($"POST /error HTTP/1.1\r\nHost: a\r\n{framing}\r\n\r\n{body}GET /next HTTP/1.1\r\nHost: a\r\n\r\n", token);

        Assert.That((await peer.ReadMessageAsync(token)).Status, Is.EqualTo(403));
        Assert.That((await peer.ReadMessageAsync(token)).Text, Is.EqualTo("/next"));
        Assert.That(_server.Handled, Is.EqualTo(new[] { "/error", "/next" }));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_body_that_was_given_up_is_never_read_as_requests(CancellationToken token)
    {
        ServedPeer served = _server.Connect();
        string filling = new('x', 65_537);
        await served.Peer.SendAsync($"POST /error HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n20000\r\n{filling}{Smuggled}", token);

        await AssertRefusedAsync(served, ["/error"], token);
    }

    private async Task AssertRefusedAsync(ServedPeer served, string[] handled, CancellationToken token)
    {
        PeerMessage answer = await served.Peer.ReadMessageAsync(token);
        Assert.That(answer.Status, Is.AnyOf(400, 403, 501));
        Assert.That((await served.Peer.ReadToEndAsync(token)).Text, Is.Empty);
        served.Peer.Dispose();
        await served.Running.ComesAsync(token);
        Assert.That(_server.Handled, Is.EqualTo(handled));
    }
}
