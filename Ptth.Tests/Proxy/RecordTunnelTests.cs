using System.Text;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using Ptth.Tests.Support;

namespace Ptth.Tests.Proxy;

/// <summary>Tunnels of records: who asks for them, and that they carry bytes, clean ends and breaks as other tunnels do.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class RecordTunnelTests : InProcessTest
{
    private const string Id = "AAAAAAAAAAAAAAAAAAAAAA";

    private readonly FakeTimeProvider _time = new();
    private readonly TcpService _service;

    public RecordTunnelTests() => _service = Own(new TcpService());

    [TestCase(0, false, 0, false, null)]
    [TestCase(20, false, 0, false, 20)]
    [TestCase(0, false, 20, false, 20)]
    [TestCase(40, false, 20, true, 20)]
    [TestCase(20, true, 40, false, 20)]
    [TestCase(0, true, 0, false, 0)]
    [TestCase(0, false, 0, true, 0)]
    [TestCase(0, true, 20, false, 20)]
    [CancelAfter(30_000)]
    public async Task Either_proxy_may_ask_and_both_directions_are_kept_alive(
        int client, bool clientMarks, int server, bool serverMarks, int? agreed, CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay());
        await using var serverProxy = new InProcessServerProxy(relay.EndPoint, _service.EndPoint, _time, keepAlive: server, markEnds: serverMarks);
        await InProcessWait.UntilAsync(() => relay.Rendezvous.WaitingListens() == 1, "it listens", token);
        await using var clientProxy = new InProcessClientProxy(relay.EndPoint, _time, keepAlive: client, markEnds: clientMarks);
        InProcessPeer local = clientProxy.Connect();
        InProcessPeer far = Own(new InProcessPeer(await _service.AcceptAsync(token)));
        await CarryAsync(local, far, token);
        await CarryAsync(far, local, token);
        Ptth.Relay.Tunnels.Tunnel tunnel = relay.Ticker.ItemsOf<Ptth.Relay.Tunnels.Tunnel>().Single();
        int framing = agreed is null ? 0 : 4, seconds = 0;
        await InProcessWait.UntilAsync(
            () =>
            {
                if (agreed > 0 ? Math.Min(tunnel.Up.Bytes, tunnel.Down.Bytes) >= 5 + framing + 8 : seconds == 40) return true;
                _time.Advance(TimeSpan.FromSeconds(1));
                seconds++;
                return false;
            },
            "each direction has been kept alive twice",
            token);

        await CarryAsync(local, far, token);
        local.SendFin();
        Assert.That(await far.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Fin)));
        await CarryAsync(far, local, token);
        far.SendFin();
        Assert.That(await local.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Fin)));
        await clientProxy.WhenEmptyAsync().ComesAsync(token);
        // Where there are records their ends are marked. A direction that had begun to rest is kept alive every 20 s, and never before.
        await InProcessWait.UntilAsync(() => IsWhole(tunnel.Up.Bytes) && IsWhole(tunnel.Down.Bytes), $"all has come: {tunnel.Up.Bytes} and {tunnel.Down.Bytes} bytes", token);
        string ended = await clientProxy.Log.LineAsync("ended", token);
        Assert.That(ended, Does.Contain("Completed").And.Contain(" 10 bytes sent").And.Contain(" 10 received"), "neither lengths nor empty records are counted");

        bool IsWhole(long bytes)
        {
            long empty = bytes - 10 - (3 * framing);
            return agreed > 0 ? empty % 4 == 0 && empty / 4 >= 2 && empty / 4 <= seconds / 20 : empty == 0;
        }
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_tunnel_that_carries_nothing_but_empty_records_is_idle(CancellationToken token)
    {
        await using var proxy = new InProcessClientProxy(_service.EndPoint, _time, keepAlive: 20);
        (InProcessPeer local, InProcessPeer upload, InProcessPeer download) = await OpenAsync(proxy, token);
        await InProcessWait.UntilAsync(() => proxy.Ticker.Count == 4, "the tunnel is looked at", token);
        // It speaks when it has begun to rest.
        Task<byte[]?> chunk = upload.ReadChunkAsync(token);
        await _time.AdvanceUntilAsync(chunk, TimeSpan.FromSeconds(1), "it is kept alive", token);
        Assert.That(await chunk, Is.EqualTo(new byte[4]));
        await download.SendChunkAsync("\0\0\0\0", token);
        _time.Advance(TimeSpan.FromSeconds(86_400));

        await proxy.WhenEmptyAsync().ComesAsync(token);
        Assert.That(await proxy.Log.LineAsync("ended", token), Does.Contain("Idle"));
        Assert.That(await local.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Reset)));
    }

    /// <remarks>As by a server of a version that marks no ends.</remarks>
    [Test]
    [CancelAfter(30_000)]
    public async Task Where_no_mark_was_agreed_on_none_is_sent_and_none_waited_for(CancellationToken token)
    {
        await using var proxy = new InProcessClientProxy(_service.EndPoint, _time, keepAlive: 20, markEnds: true);
        (InProcessPeer local, InProcessPeer upload, InProcessPeer download) = await OpenAsync(proxy, token);
        await download.SendAsync("6\r\n\0\0\0\u0002ab\r\n0\r\n\r\n", token);
        Assert.That(await local.ReadToEndAsync(token), Is.EqualTo(("ab", PeerEnd.Fin)));

        local.SendFin();
        Assert.That(await upload.ReadChunkAsync(token), Is.Null, "the last chunk alone");
        await upload.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", token);

        await proxy.WhenEmptyAsync().ComesAsync(token);
        Assert.That(await proxy.Log.LineAsync("ended", token), Does.Contain("Completed"));
    }

    [TestCase("records, ends", "records=0, ends")]
    [TestCase("records=20", "records=20")]
    [TestCase("records", null)]
    [TestCase(null, null)]
    [CancelAfter(30_000)]
    public async Task A_server_asks_for_marks_only_of_a_client_that_can_make_them(string? offered, string? agreed, CancellationToken token)
    {
        TcpService target = Own(new TcpService());
        await using var proxy = new InProcessServerProxy(_service.EndPoint, target.EndPoint, _time, markEnds: true);
        InProcessPeer listen = await AcceptAsync(token);
        await listen.ReadMessageAsync(token);
        string offer = offered is null ? "" : $"Ptth-Offer: {offered}\r\n";
        await listen.SendAsync($"HTTP/1.1 200 OK\r\nPtth-Connection: {Id}\r\nPtth-Client: laptop\r\n{offer}Content-Length: 0\r\n\r\n", token);
        // The next listen and the accept: either may have taken the connection that is free again.
        InProcessPeer other = await AcceptAsync(token);
        PeerMessage[] requests = [await listen.ReadMessageAsync(token), await other.ReadMessageAsync(token)];

        Assert.That(requests.Single(request => request.StartLine.Contains("/accept/"))["Ptth-Agreed"], Is.EqualTo(agreed));
    }

    [TestCase("records=20", "\0\0\0\u0003ab", "ab", "RelayBroke")]
    [TestCase("records=20", "\0\0", "", "RelayBroke")]
    [TestCase("records=20", "\u0080\0\0\0", "", "RelayInvalid")]
    [TestCase("records=20, ends", "\0\0\0\u0002ab", "ab", "RelayBroke")]
    [TestCase("records=20, ends", "\0\0\0\0", "", "RelayBroke")]
    [TestCase("records=20, ends", "\u00ff\u00ff\u00ff\u00ff\0\0\0\0", "", "RelayInvalid")]
    [CancelAfter(30_000)]
    public async Task A_download_that_ends_inside_a_record_or_without_its_mark_is_broken(
        string agreed, string stream, string payload, string ended, CancellationToken token)
    {
        await using var proxy = new InProcessClientProxy(_service.EndPoint, _time, keepAlive: 20);
        (InProcessPeer local, _, InProcessPeer download) = await OpenAsync(proxy, token, agreed);
        // At once: a length that cannot be breaks the connection off before a last chunk of its own could be sent.
        await download.SendAsync($"{stream.Length:x}\r\n{stream}\r\n0\r\n\r\n", token);

        (string text, PeerEnd end) = await local.ReadToEndAsync(token);

        Assert.That((payload.StartsWith(text, StringComparison.Ordinal), end), Is.EqualTo((true, PeerEnd.Reset)));
        Assert.That(await proxy.Log.LineAsync("ended", token), Does.Contain(ended));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_stream_of_records_that_something_holds_back_is_no_tunnel(CancellationToken token)
    {
        await using var proxy = new InProcessClientProxy(_service.EndPoint, _time, keepAlive: 20);
        InProcessPeer local = proxy.Connect();
        InProcessPeer download = await AcceptAsync(token);
        await download.ReadMessageAsync(token);
        await download.SendAsync($"HTTP/1.1 200 OK\r\nPtth-Connection: {Id}\r\nPtth-Agreed: records=20\r\nContent-Length: 4\r\n\r\n\0\0\0\0", token);

        Assert.That(await local.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Reset)));
        Assert.That(await proxy.Log.LineAsync("no tunnel", token), Does.Contain("holds it back"));
    }

    private async Task<(InProcessPeer Local, InProcessPeer Upload, InProcessPeer Download)> OpenAsync(
        InProcessClientProxy proxy, CancellationToken token, string agreed = "records=20")
    {
        InProcessPeer local = proxy.Connect();
        InProcessPeer download = await AcceptAsync(token);
        PeerMessage connect = await download.ReadMessageAsync(token);
        Assert.That(connect["Ptth-Offer"], Is.EqualTo("records=20, ends"));
        await download.SendAsync($"HTTP/1.1 200 OK\r\nPtth-Connection: {Id}\r\nPtth-Agreed: {agreed}\r\nTransfer-Encoding: chunked\r\n\r\n", token);
        InProcessPeer upload = await AcceptAsync(token);
        await upload.ReadHeadAsync(token);
        return (local, upload, download);
    }

    private static async Task CarryAsync(InProcessPeer from, InProcessPeer to, CancellationToken token)
    {
        await from.SendAsync("hello", token);
        Assert.That(Encoding.ASCII.GetString(await to.ReadExactlyAsync(5, token)), Is.EqualTo("hello"));
    }

    private async Task<InProcessPeer> AcceptAsync(CancellationToken token) => Own(new InProcessPeer(await _service.AcceptAsync(token)));
}
