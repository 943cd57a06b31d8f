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

    [TestCase(0, 0, 0)]
    [TestCase(20, 0, 20)]
    [TestCase(0, 20, 20)]
    [TestCase(40, 20, 20)]
    [TestCase(20, 40, 20)]
    [CancelAfter(30_000)]
    public async Task Either_proxy_may_ask_and_both_directions_are_kept_alive(int client, int server, int agreed, CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay());
        await using var serverProxy = new InProcessServerProxy(relay.EndPoint, _service.EndPoint, _time, keepAlive: server);
        await InProcessWait.UntilAsync(() => relay.Rendezvous.WaitingListens() == 1, "it listens", token);
        await using var clientProxy = new InProcessClientProxy(relay.EndPoint, _time, keepAlive: client);
        InProcessPeer local = clientProxy.Connect();
        InProcessPeer far = Own(new InProcessPeer(await _service.AcceptAsync(token)));
        await CarryAsync(local, far, token);
        await CarryAsync(far, local, token);
        Ptth.Relay.Tunnels.Tunnel tunnel = relay.Ticker.ItemsOf<Ptth.Relay.Tunnels.Tunnel>().Single();
        int framing = agreed > 0 ? 4 : 0;
        await ComesToAsync(tunnel, 5 + framing, token);

        for (int i = 0; i < 2; i++)
        {
            for (int second = 0; second < 20; second++) _time.Advance(TimeSpan.FromSeconds(1));
            await ComesToAsync(tunnel, 5 + framing + ((i + 1) * framing), token);
        }

        await CarryAsync(local, far, token);
        local.SendFin();
        Assert.That(await far.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Fin)));
        await CarryAsync(far, local, token);
        far.SendFin();
        Assert.That(await local.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Fin)));
        await clientProxy.WhenEmptyAsync().ComesAsync(token);
        string ended = await clientProxy.Log.LineAsync("ended", token);
        Assert.That(ended, Does.Contain("Completed").And.Contain(" 10 bytes sent").And.Contain(" 10 received"), "neither lengths nor empty records are counted");
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_tunnel_that_carries_nothing_but_empty_records_is_idle(CancellationToken token)
    {
        await using var proxy = new InProcessClientProxy(_service.EndPoint, _time, keepAlive: 20);
        (InProcessPeer local, InProcessPeer upload, InProcessPeer download) = await OpenAsync(proxy, token);
        await InProcessWait.UntilAsync(() => proxy.Ticker.Count == 4, "the tunnel is looked at", token);
        _time.Advance(TimeSpan.FromSeconds(1));
        _time.Advance(TimeSpan.FromSeconds(19));
        Assert.That(await upload.ReadChunkAsync(token), Is.EqualTo(new byte[4]));
        await download.SendChunkAsync("\0\0\0\0", token);
        _time.Advance(TimeSpan.FromSeconds(86_400));

        await proxy.WhenEmptyAsync().ComesAsync(token);
        Assert.That(await proxy.Log.LineAsync("ended", token), Does.Contain("Idle"));
        Assert.That(await local.ReadToEndAsync(token), Is.EqualTo(("", PeerEnd.Reset)));
    }

    [TestCase("\0\0\0\u0003ab", "ab")]
    [TestCase("\0\0", "")]
    [TestCase("\u0080\0\0\0", "")]
    [CancelAfter(30_000)]
    public async Task A_download_that_ends_inside_a_record_is_broken(string stream, string payload, CancellationToken token)
    {
        await using var proxy = new InProcessClientProxy(_service.EndPoint, _time, keepAlive: 20);
        (InProcessPeer local, _, InProcessPeer download) = await OpenAsync(proxy, token);
        // At once: a length that cannot be breaks the connection off before a last chunk of its own could be sent.
        await download.SendAsync($"{stream.Length:x}\r\n{stream}\r\n0\r\n\r\n", token);

        (string text, PeerEnd end) = await local.ReadToEndAsync(token);

        Assert.That((payload.StartsWith(text, StringComparison.Ordinal), end), Is.EqualTo((true, PeerEnd.Reset)));
        Assert.That(await proxy.Log.LineAsync("ended", token), Does.Contain("RelayInvalid"));
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

    private async Task<(InProcessPeer Local, InProcessPeer Upload, InProcessPeer Download)> OpenAsync(InProcessClientProxy proxy, CancellationToken token)
    {
        InProcessPeer local = proxy.Connect();
        InProcessPeer download = await AcceptAsync(token);
        PeerMessage connect = await download.ReadMessageAsync(token);
        Assert.That(connect["Ptth-Offer"], Is.EqualTo("records=20"));
        await download.SendAsync($"HTTP/1.1 200 OK\r\nPtth-Connection: {Id}\r\nPtth-Agreed: records=20\r\nTransfer-Encoding: chunked\r\n\r\n", token);
        InProcessPeer upload = await AcceptAsync(token);
        await upload.ReadHeadAsync(token);
        return (local, upload, download);
    }

    private static Task ComesToAsync(Ptth.Relay.Tunnels.Tunnel tunnel, long bytes, CancellationToken token) => InProcessWait.UntilAsync(
        () => tunnel.Up.Bytes == bytes && tunnel.Down.Bytes == bytes, $"{bytes} bytes have come each way; they are {tunnel.Up.Bytes} and {tunnel.Down.Bytes}", token);

    private static async Task CarryAsync(InProcessPeer from, InProcessPeer to, CancellationToken token)
    {
        await from.SendAsync("hello", token);
        Assert.That(Encoding.ASCII.GetString(await to.ReadExactlyAsync(5, token)), Is.EqualTo("hello"));
    }

    private async Task<InProcessPeer> AcceptAsync(CancellationToken token) => Own(new InProcessPeer(await _service.AcceptAsync(token)));
}
