using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using Ptth.Proxy.Tunnels;
using Ptth.Tests.Support;

namespace Ptth.Tests.Proxy;

/// <summary>A tunnel at a proxy, with a relay by hand: what the relay does right or wrong, and what the TCP connection is told.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class TunnelPumpTests : InProcessTest
{
    private const string Id = "AAAAAAAAAAAAAAAAAAAAAA";
    private const string Empty200 = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

    private readonly FakeTimeProvider _time = new();
    private readonly TcpService _relay;
    private readonly InProcessClientProxy _proxy;

    private InProcessPeer _local = null!;
    private InProcessPeer _download = null!;
    private InProcessPeer _upload = null!;

    public TunnelPumpTests()
    {
        _relay = Own(new TcpService());
        _proxy = Own(new InProcessClientProxy(_relay.EndPoint, _time));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Both_ends_clean_keep_both_connections([Values] bool localFirst, CancellationToken token)
    {
        await OpenAsync(token);
        if (!localFirst) await EndDownloadAsync(token);
        await EndUploadAsync(token);
        if (localFirst) await EndDownloadAsync(token);
        await _proxy.WhenEmptyAsync().ComesAsync(token);

        Assert.That(_proxy.Ticker.Count, Is.EqualTo(3), "the client and its two connections");
        _proxy.Connect();
        Assert.That((await _download.ReadMessageAsync(token)).StartLine, Does.StartWith("POST /v1/connect/home/ssh "), "the one that came back last");
    }

    [TestCase("HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n")]
    [TestCase("HTTP/1.1 409 Conflict\r\nContent-Length: 2\r\n\r\n{}")]
    [TestCase("HTTP/1.1 413 Too Large\r\nConnection: close\r\n\r\nuntil close")]
    [TestCase(Empty200)]
    [TestCase("what is this?\r\n\r\n")]
    [CancelAfter(30_000)]
    public async Task An_answer_before_the_uploads_end_breaks_the_tunnel_at_once(string answer, CancellationToken token)
    {
        await OpenAsync(token);
        await _local.SendAsync("abc", token);
        Assert.That(await _upload.ReadDataAsync(3, token), Is.EqualTo("abc"));

        await _upload.SendAsync(answer, token);

        await AssertBrokenAsync(token);
        Assert.That(await _proxy.Log.LineAsync("ended", token), Does.Contain("RelayBroke"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_refusal_after_the_uploads_end_breaks_the_tunnel(CancellationToken token)
    {
        await OpenAsync(token);
        _local.SendFin();
        Assert.That(await _upload.ReadChunkAsync(token), Is.Null);
        await _upload.SendAsync("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", token);

        await AssertBrokenAsync(token);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task The_end_of_an_uploads_connection_is_seen_while_there_is_nothing_to_send([Values] PeerEnd how, CancellationToken token)
    {
        await OpenAsync(token);
        if (how == PeerEnd.Reset) _upload.Reset();
        else _upload.SendFin();

        Assert.That(await _local.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Reset)));
    }

    [TestCase("5\r\nhel")]
    [TestCase("5\r\nhello\r\n")]
    [TestCase("5\r\nhello\r\n0\r\n")]
    [TestCase("")]
    [CancelAfter(30_000)]
    public async Task A_truncated_download_is_never_a_clean_end(string body, CancellationToken token)
    {
        await OpenAsync(token);
        await _download.SendAsync(body, token);
        _download.SendFin();
        (string text, PeerEnd end) = await _local.ReadToEndAsync(token);

        Assert.That(("hello".StartsWith(text, StringComparison.Ordinal), end), Is.EqualTo((true, PeerEnd.Reset)));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Broken_framing_of_the_download_breaks_the_tunnel(CancellationToken token)
    {
        await OpenAsync(token);
        await _download.SendAsync("5\r\nhelloX", token);

        Assert.That((await _local.ReadToEndAsync(token)).End, Is.EqualTo(PeerEnd.Reset));
        Assert.That(await _proxy.Log.LineAsync("ended", token), Does.Contain("RelayInvalid"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_local_reset_is_no_clean_end_for_the_relay(CancellationToken token)
    {
        await OpenAsync(token);
        await _local.SendAsync("abc", token);
        Assert.That(await _upload.ReadDataAsync(3, token), Is.EqualTo("abc"));
        _local.Reset();

        foreach (InProcessPeer peer in new[] { _upload, _download }) Assert.That(await peer.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Reset)));
        Assert.That(await _proxy.Log.LineAsync("ended", token), Does.Contain("LocalBroke"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_slow_receiver_behind_the_relay_has_time_after_the_uploads_end(CancellationToken token)
    {
        await OpenAsync(token);
        _local.SendFin();
        Assert.That(await _upload.ReadChunkAsync(token), Is.Null);
        await InProcessWait.UntilAsync(() => _proxy.Ticker.Count == 4, "the tunnel is looked at", token);
        Advance(1);
        Advance(200);
        await EndDownloadAsync(token);
        await _upload.SendAsync(Empty200, token);

        await _proxy.WhenEmptyAsync().ComesAsync(token);
        Assert.That(await _proxy.Log.LineAsync("ended", token), Does.Contain("Completed"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_tunnel_may_rest_for_a_day_and_half_ended_for_five_minutes([Values] bool halfEnded, CancellationToken token)
    {
        await OpenAsync(token);
        int limit = 86_400;
        if (halfEnded)
        {
            await EndDownloadAsync(token);
            limit = 300;
        }

        await InProcessWait.UntilAsync(() => _proxy.Ticker.Count == 4, "the tunnel is looked at", token);
        // The clean end is noted a moment after the TCP connection was told of it.
        TunnelPump pump = _proxy.Ticker.ItemsOf<TunnelPump>().Single();
        await InProcessWait.UntilAsync(() => IsHalfClosed(pump) == halfEnded, "the end is noted", token);
        Advance(1);
        Advance(limit - 1);
        Assert.That(_proxy.WhenEmptyAsync().IsCompleted, Is.False);
        Advance(1);

        await _proxy.WhenEmptyAsync().ComesAsync(token);
        Assert.That(await _proxy.Log.LineAsync("ended", token), Does.Contain("Idle"));
        Assert.That((await _upload.ReadToEndAsync(token)).End, Is.EqualTo(PeerEnd.Reset));
    }

    [TestCase("HTTP/1.1 200 OK\r\nPtth-Connection: " + Id + "\r\n\r\n", "HTTP/1.0")]
    [TestCase("HTTP/1.0 200 OK\r\nPtth-Connection: " + Id + "\r\n\r\n", "HTTP/1.0")]
    [TestCase("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "200")]
    [TestCase("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", "200")]
    [TestCase("HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n", "302")]
    [TestCase("no HTTP\r\n\r\n", "HTTP/1.1")]
    [CancelAfter(30_000)]
    public async Task An_answer_to_connect_that_is_no_tunnel_resets_and_leaves_nothing(string answer, string words, CancellationToken token)
    {
        _local = _proxy.Connect();
        _download = await AcceptAsync(token);
        await _download.ReadMessageAsync(token);
        await _download.SendAsync(answer, token);
        _download.SendFin();

        Assert.That(await _local.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Reset)));
        await _proxy.WhenEmptyAsync().ComesAsync(token);
        Assert.That(await _proxy.Log.LineAsync("no tunnel", token), Does.Contain(words));
        await InProcessWait.UntilAsync(
            () =>
            {
                Advance(1);
                return _proxy.Ticker.Count == 1;
            },
            "no connection is left",
            token);
    }

    /// <summary>Opens a tunnel; both requests have been read, and the connect was answered.</summary>
    private async Task OpenAsync(CancellationToken token)
    {
        _local = _proxy.Connect();
        _download = await AcceptAsync(token);
        Assert.That((await _download.ReadMessageAsync(token)).StartLine, Is.EqualTo("POST /v1/connect/home/ssh HTTP/1.1"));
        await _download.SendAsync($"HTTP/1.1 200 OK\r\nPtth-Connection: {Id}\r\nTransfer-Encoding: chunked\r\n\r\n", token);
        _upload = await AcceptAsync(token);
        Assert.That((await _upload.ReadHeadAsync(token)).StartLine, Is.EqualTo($"POST /v1/upstream/{Id} HTTP/1.1"));
    }

    private async Task EndUploadAsync(CancellationToken token)
    {
        await _local.SendAsync("abc", token);
        Assert.That(await _upload.ReadDataAsync(3, token), Is.EqualTo("abc"));
        _local.SendFin();
        Assert.That(await _upload.ReadChunkAsync(token), Is.Null);
        await _upload.SendAsync(Empty200, token);
    }

    private async Task EndDownloadAsync(CancellationToken token)
    {
        await _download.SendChunkAsync("xyz", token);
        Assert.That(Encoding.ASCII.GetString(await _local.ReadExactlyAsync(3, token)), Is.EqualTo("xyz"));
        await _download.SendLastChunkAsync(token);
        Assert.That(await _local.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Fin)));
    }

    private async Task AssertBrokenAsync(CancellationToken token)
    {
        Assert.That(await _local.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Reset)));
        Assert.That((await _download.ReadToEndAsync(token)).End, Is.EqualTo(PeerEnd.Reset));
        await _proxy.WhenEmptyAsync().ComesAsync(token);
    }

    private async Task<InProcessPeer> AcceptAsync(CancellationToken token)
    {
        var peer = Own(new InProcessPeer(await _relay.AcceptAsync(token)));
        await Task.Yield();
        return peer;
    }

    private void Advance(int seconds) => _time.Advance(TimeSpan.FromSeconds(seconds));

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_halfClosed")]
    private static extern ref bool IsHalfClosed(TunnelPump pump);
}
