using System.Text;
using NUnit.Framework;
using Ptth.Http.Client;
using Ptth.Http.Core;
using Ptth.Http.Transport;
using Ptth.Tests.Support;

namespace Ptth.Tests.Client;

/// <summary>CONNECT through a proxy: what is sent, what opens a tunnel, and what a proxy may do instead.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class ProxyTunnelTests : InProcessTest
{
    private static readonly HttpProxy Proxy = new("127.0.0.1", 3128, "proxy.example:3128", null);
    private static readonly HttpProxy WithLogin = Proxy with { Authorization = "Basic am86c2VjcmV0" };
    private static readonly HttpOrigin Origin = new("relay.example", 443, "relay.example");

    private readonly SocketChannel _socket;
    private readonly InProcessPeer _peer;

    public ProxyTunnelTests()
    {
        InProcessTcp pair = InProcessTcp.Connect();
        _socket = Own(new SocketChannel(pair.Ours));
        _peer = Own(new InProcessPeer(pair.Peers));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task The_request_to_the_byte([Values] bool login, CancellationToken token)
    {
        Task opening = OpenAsync(login ? WithLogin : Proxy, Origin);
        PeerMessage request = await _peer.ReadHeadAsync(token);
        await _peer.SendAsync("HTTP/1.1 200 OK\r\n\r\n", token);
        await opening.ComesAsync(token);

        Assert.That(request.Head, Is.EqualTo(
            "CONNECT relay.example:443 HTTP/1.1\r\nHost: relay.example:443\r\n" + (login ? "Proxy-Authorization: Basic am86c2VjcmV0\r\n" : "") + "\r\n"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task An_IPv6_address_has_brackets(CancellationToken token)
    {
        Task opening = OpenAsync(Proxy, new HttpOrigin("2001:db8::1", 8443, "[2001:db8::1]:8443"));
        PeerMessage request = await _peer.ReadHeadAsync(token);
        await _peer.SendAsync("HTTP/1.1 200 OK\r\n\r\n", token);
        await opening.ComesAsync(token);

        Assert.That(request.StartLine, Is.EqualTo("CONNECT [2001:db8::1]:8443 HTTP/1.1"));
    }

    /// <remarks>The bytes behind the head belong to the tunnel, and framing fields mean nothing (RFC 9110 section 9.3.6).</remarks>
    [Test]
    [CancelAfter(30_000)]
    public async Task What_comes_behind_the_head_is_left_to_the_tunnel(
        [Values(
            "HTTP/1.1 200 Connection established\r\n\r\n",
            "HTTP/1.0 200 Connection established\r\nProxy-agent: tinyproxy/1.11.1\r\n\r\n",
            "HTTP/1.1 204 No Content\r\n\r\n",
            "HTTP/1.1 299 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nX: y\r\n\r\nHTTP/1.1 200 OK\r\n\r\n")] string head,
        [Values] bool byteByByte,
        CancellationToken token)
    {
        const string behind = "HTTP/1.1 200 no head\r\n\r\n";
        Task opening = OpenAsync(Proxy, Origin);
        await _peer.ReadHeadAsync(token);
        if (byteByByte) await _peer.SendByteByByteAsync(head + behind, token);
        else await _peer.SendAsync(head + behind, token);
        await opening.ComesAsync(token);
        _peer.SendFin();

        Assert.That(await ReadToEndAsync(), Is.EqualTo(behind));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_head_at_its_bound_and_one_over([Values] bool over, CancellationToken token)
    {
        string start = "HTTP/1.1 200 OK\r\nX: ", end = "\r\n\r\n";
        string head = start + new string('x', HttpLimits.Default.MaxHeadBytes - start.Length - end.Length + (over ? 1 : 0)) + end;
        Task opening = OpenAsync(Proxy, Origin);
        await _peer.ReadHeadAsync(token);
        await _peer.SendAsync(head, token);

        if (over) Assert.That(await FailureOfAsync(opening, token), Does.StartWith("the proxy proxy.example:3128 gave an answer that is not HTTP/1.1 as it should be: "));
        else await opening.ComesAsync(token);
    }

    [TestCase("SSH-2.0-OpenSSH\r\n", "gave an answer that is not HTTP/1.1 as it should be: ")]
    [TestCase("\x16\x03\x01\x02", "gave an answer that is not HTTP/1.1 as it should be: ")]
    [TestCase("HTTP/2 200\r\n\r\n", "gave an answer that is not HTTP/1.1 as it should be: ")]
    [TestCase("HTTP/1.1 200 OK\n\n", "gave an answer that is not HTTP/1.1 as it should be: ")]
    [TestCase("HTTP/1.1 101 Switching\r\n\r\n", "gave an answer that is not HTTP/1.1 as it should be: ")]
    [TestCase("", "closed the connection instead of an answer to CONNECT")]
    [TestCase("HTTP/1.1 200 OK\r\n", "closed the connection instead of an answer to CONNECT")]
    [TestCase("HTTP/1.1 302 Found\r\nLocation: http://login/\r\n\r\n", "answered 302 to CONNECT to port 443; check that it is an HTTP proxy")]
    [TestCase("HTTP/1.1 400 Bad\r\n\r\n", "answered 400 to CONNECT to port 443")]
    [TestCase("HTTP/1.0 401 Who\r\nWWW-Authenticate: Basic realm=\"Tinyproxy\"\r\n\r\n", "refuses the user or the password for \"Tinyproxy\" (401); check both")]
    [TestCase("HTTP/1.1 403 Forbidden\r\n\r\n", "forbids the way to the relay (403); whoever runs it must allow CONNECT to port 443")]
    [TestCase("HTTP/1.1 502 x\r\n\r\n", "answered 502: it cannot reach the relay at relay.example:443")]
    [TestCase("HTTP/1.1 503 x\r\n\r\n", "answered 503: it cannot reach the relay")]
    [TestCase("HTTP/1.1 504 x\r\n\r\n", "answered 504: it cannot reach the relay")]
    [CancelAfter(30_000)]
    public async Task What_opens_no_tunnel_is_said_to_be_the_proxy_s(string answer, string expected, CancellationToken token)
    {
        Task opening = OpenAsync(WithLogin, Origin);
        await _peer.ReadHeadAsync(token);
        await _peer.SendAsync(answer, token);
        _peer.SendFin();

        Assert.That(await FailureOfAsync(opening, token), Does.StartWith("the proxy proxy.example:3128 " + expected).And.Not.Contain("\n").And.Not.Contain("am86"));
    }

    [TestCase(false, "Basic realm=\"The company\"", "asks for a user and a password for \"The company\" (407); give them in its URL: http://USER:PASSWORD@proxy.example:3128")]
    [TestCase(true, "Basic realm=\"The company\"", "refuses the user or the password for \"The company\" (407); check both in its URL")]
    [TestCase(false, "basic", "asks for a user and a password (407)")]
    [TestCase(false, "Negotiate, NTLM, Basic realm=\"a\"", "asks for a user and a password for \"a\" (407)")]
    [TestCase(false, "Negotiate\r\nProxy-Authenticate: Basic realm=\"a\"", "asks for a user and a password for \"a\" (407)")]
    [TestCase(false, "Basic realm=\"a\tb\u00fc\"", "asks for a user and a password for \"a?b?\" (407)")]
    [TestCase(false, "Basic realm=\"open", "asks for a user and a password (407)")]
    [TestCase(false, "Negotiate", "asks for a login of another kind than Basic (407)")]
    [TestCase(true, "Digest realm=\"Basic \"", "asks for a login of another kind than Basic (407)")]
    [TestCase(true, "Basically realm=\"x\"", "asks for a login of another kind than Basic (407)")]
    [CancelAfter(30_000)]
    public async Task What_is_wrong_with_the_login(bool hasLogin, string challenge, string expected, CancellationToken token)
    {
        Task opening = OpenAsync(hasLogin ? WithLogin : Proxy, Origin);
        await _peer.ReadHeadAsync(token);
        await _peer.SendAsync($"HTTP/1.1 407 Who\r\nProxy-Authenticate: {challenge}\r\nContent-Length: 5\r\n\r\nhello", token);

        Assert.That(await FailureOfAsync(opening, token), Does.StartWith("the proxy proxy.example:3128 " + expected));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_realm_is_cut_at_its_bound([Values(64, 65)] int length, CancellationToken token)
    {
        Task opening = OpenAsync(Proxy, Origin);
        await _peer.ReadHeadAsync(token);
        await _peer.SendAsync($"HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=\"{new string('r', length)}\"\r\n\r\n", token);

        Assert.That(await FailureOfAsync(opening, token), Does.Contain($"for \"{new string('r', 64)}{(length > 64 ? "…" : "")}\" "));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Interim_answers_up_to_the_bound_and_one_more([Values(8, 9)] int count, CancellationToken token)
    {
        Task opening = OpenAsync(Proxy, Origin);
        await _peer.ReadHeadAsync(token);
        await _peer.SendAsync(string.Concat(Enumerable.Repeat("HTTP/1.1 100 Continue\r\n\r\n", count)) + "HTTP/1.1 200 OK\r\n\r\n", token);

        if (count <= HttpLimits.Default.MaxInterimResponses) await opening.ComesAsync(token);
        else Assert.That(await FailureOfAsync(opening, token), Is.EqualTo("the proxy proxy.example:3128 sends interim responses without end"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_reset_is_the_proxy_s(CancellationToken token)
    {
        Task opening = OpenAsync(Proxy, Origin);
        await _peer.ReadHeadAsync(token);
        _peer.Reset();

        Assert.That(await FailureOfAsync(opening, token), Does.StartWith("the proxy proxy.example:3128 closed the connection"));
    }

    private Task OpenAsync(HttpProxy proxy, HttpOrigin origin) => ProxyTunnel.OpenAsync(_socket, proxy, origin, HttpLimits.Default);

    private static async Task<string> FailureOfAsync(Task opening, CancellationToken token)
    {
        ExchangeException? failure = await Assert.ThrowsAsync<ExchangeException>(() => opening.ComesAsync(token));
        return failure!.Message;
    }

    private async Task<string> ReadToEndAsync()
    {
        var text = new StringBuilder();
        byte[] buffer = new byte[1000];
        for (int received; (received = await _socket.ReceiveAsync(buffer)) > 0;) text.Append(Encoding.Latin1.GetString(buffer, 0, received));
        return text.ToString();
    }
}
