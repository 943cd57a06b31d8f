using System.Net.Sockets;
using NUnit.Framework;
using Ptth.Common.Protocol;
using Ptth.Relay;
using Ptth.Relay.Configuration;
using Ptth.Relay.Probes;
using Ptth.Tests.Support;

namespace Ptth.Tests.Relay;

/// <summary>The relay's answers to probes of the path, their bounds, and what ends them.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class ProbeTests : InProcessTest
{
    private const string Chunked = "Transfer-Encoding: chunked\r\n";

    private static readonly Principal Home = new("home", null, null!, null!);

    private readonly InProcessRelay _relay;

    public ProbeTests() => _relay = Own(new InProcessRelay());

    [Test]
    [CancelAfter(30_000)]
    public async Task Bytes_may_come_before_the_answer_that_reports_has_been_begun(CancellationToken token)
    {
        var pair = new ProbePair(Home, reports: null!, attachBy: long.MaxValue, endBy: long.MaxValue);

        await pair.NoteAsync(ProbeBytes.At(0, 5).Span).AsTask().ComesAsync(token);

        Assert.That(pair.Bytes, Is.EqualTo(5));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Download_sends_at_once_pauses_and_sends_the_rest([Values] bool isBare, CancellationToken token)
    {
        InProcessPeer peer = await DownloadAsync($"pause=5000, bytes=100000{(isBare ? ", bare" : "")}, later=1", token);
        PeerMessage head = await peer.ReadHeadAsync(token);
        Assert.That((head.StartLine, head["Transfer-Encoding"], head["X-Accel-Buffering"]), Is.EqualTo(("HTTP/1.1 200 OK", "chunked", isBare ? null : "no")));
        Assert.That(await peer.ReadThroughAsync("\r\n", token), Is.EqualTo(isBare ? "60\r\n" : "40\r\n"));
        byte[] first = await peer.ReadExactlyAsync(ProbeOrder.FirstBytes / 2, token);
        if (isBare)
        {
            await UntilPausedAsync(1, token);
            _relay.Advance(0.2);
        }

        first = [.. first, .. await peer.ReadExactlyAsync(ProbeOrder.FirstBytes / 2, token)];
        await UntilPausedAsync(1, token);
        _relay.Advance(5);
        byte[] rest = await peer.ReadExactlyAsync(isBare ? ProbeOrder.FirstBytes / 2 : 0, token);
        Assert.That(await peer.ReadThroughAsync("\r\n", token), Is.EqualTo("\r\n"));
        byte[] more = await peer.ReadChunkedBodyAsync(token);

        Assert.That(rest.Length + more.Length, Is.EqualTo(100_000));
        Assert.That(ProbeBytes.AreAt(0, [.. first, .. rest, .. more]), Is.True);
        await peer.SendAsync(InProcessRelay.Head("POST", "probe/echo", InProcessRelay.Home, "Content-Length: 0\r\n"), token);
        Assert.That((await peer.ReadMessageAsync(token)).Text, Does.Contain("\"connection_requests\":2"), "the connection is kept");
    }

    [TestCase("pause=300001, bytes=1", 300, 1)]
    [TestCase("pause=999999999", 300, 0)]
    [TestCase("pause=1000000000", 0, 0)]
    [TestCase("pause=-1, bytes=+5, x", 0, 0)]
    [TestCase("bytes=999999999", 0, 64 * 1024 * 1024)]
    [CancelAfter(30_000)]
    public async Task Download_keeps_to_its_bounds(string order, int pauseSeconds, int rest, CancellationToken token)
    {
        InProcessPeer peer = await DownloadAsync(order, token);
        await peer.ReadHeadAsync(token);
        await peer.ReadChunkAsync(token);
        if (pauseSeconds > 0)
        {
            await UntilPausedAsync(1, token);
            _relay.Advance(pauseSeconds - 1);
            Assert.That(peer.Socket.Available, Is.Zero);
            _relay.Advance(1);
        }

        int bytes = 0;
        while (await peer.ReadChunkAsync(token) is { } chunk) bytes += chunk.Length;
        Assert.That(bytes, Is.EqualTo(rest));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Download_breaks_off_in_place_of_the_rest(CancellationToken token)
    {
        InProcessPeer peer = await DownloadAsync("pause=200, bytes=64, break", token);
        await peer.ReadHeadAsync(token);
        Assert.That(await peer.ReadChunkAsync(token), Has.Length.EqualTo(ProbeOrder.FirstBytes));
        await UntilPausedAsync(1, token);
        _relay.Advance(0.2);

        Assert.That(async () => await peer.ReadChunkAsync(token), Throws.InstanceOf<SocketException>().With.Property("SocketErrorCode").EqualTo(SocketError.ConnectionReset));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Download_ends_after_ten_seconds_of_sending(CancellationToken token)
    {
        InProcessPeer peer = await DownloadAsync($"bytes={ProbeOrder.MaxBytes}", token);
        await peer.ReadHeadAsync(token);
        // The socket is full: nothing is read here.
        await InProcessWait.UntilAsync(() => peer.Socket.Available > 60_000, "much was sent", token);
        _relay.Advance(10);
        int bytes = 0;
        while (await peer.ReadChunkAsync(token) is { } chunk) bytes += chunk.Length;

        Assert.That(bytes, Is.LessThan(ProbeOrder.MaxBytes));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Reports_tell_how_far_a_body_came_and_how_it_ended(CancellationToken token)
    {
        (InProcessPeer reports, string id) = await ReportsAsync(token);
        InProcessPeer stream = await StreamAsync(id, token);
        byte[] sent = ProbeBytes.At(0, 100).ToArray();
        await stream.SendAsync($"64\r\n{System.Text.Encoding.Latin1.GetString(sent)}\r\n", token);
        Assert.That(await ReportAsync(reports, token), Is.EqualTo(new ProbeReport(100, ProbeReportEnd.Open, IsChanged: false)));
        await stream.SendChunkAsync("hello", token);
        Assert.That(await ReportAsync(reports, token), Is.EqualTo(new ProbeReport(105, ProbeReportEnd.Open, IsChanged: true)));
        // Once a second, unless the last one is still being sent then.
        await _relay.UntilReportedAsync(token);
        _relay.Advance(1);
        Assert.That(await ReportAsync(reports, token), Is.EqualTo(new ProbeReport(105, ProbeReportEnd.Open, IsChanged: true)));
        await stream.SendLastChunkAsync(token);
        PeerMessage answer = await stream.ReadMessageAsync(token);

        Assert.That((answer.Status, answer["Ptth-Offset"]), Is.EqualTo((200, "105")));
        Assert.That(await LastAsync(reports, token), Is.EqualTo(new ProbeReport(105, ProbeReportEnd.Clean, IsChanged: true)));
        await reports.SendAsync(InProcessRelay.Head("POST", "probe/echo", InProcessRelay.Home, "Content-Length: 0\r\n"), token);
        Assert.That((await reports.ReadMessageAsync(token)).Status, Is.EqualTo(200), "the connection is kept");
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Reports_tell_of_a_body_that_breaks([Values] bool isInvalid, CancellationToken token)
    {
        (InProcessPeer reports, string id) = await ReportsAsync(token);
        InProcessPeer stream = await StreamAsync(id, token);
        await stream.SendChunkAsync("hello", token);
        await ReportAsync(reports, token);
        if (isInvalid) await stream.SendAsync("no size\r\n", token);
        else stream.Reset();

        Assert.That(await ReportAsync(reports, token), Is.EqualTo(new ProbeReport(5, isInvalid ? ProbeReportEnd.Invalid : ProbeReportEnd.Broken, IsChanged: true)));
        Assert.That(await reports.ReadChunkAsync(token), Is.Null);
        if (isInvalid) Assert.That((await stream.ReadMessageAsync(token)).Status, Is.EqualTo(400));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_body_that_does_not_come_is_waited_for_ten_seconds(CancellationToken token)
    {
        (InProcessPeer reports, string id) = await ReportsAsync(token);
        _relay.Advance(9);
        Assert.That(_relay.Context.Probes.Find(IdOf(id), Home)!.Ended.IsCompleted, Is.False);
        _relay.Advance(1);

        Assert.That(await LastAsync(reports, token), Is.EqualTo(new ProbeReport(0, ProbeReportEnd.None, IsChanged: false)));
        await InProcessWait.UntilAsync(() => _relay.Context.Probes.Find(IdOf(id), Home) is null, "it is forgotten", token);
        Assert.That((await _relay.AskAsync("probe/stream", InProcessRelay.Home, token, $"Ptth-Connection: {id}\r\n", "x")).Status, Is.EqualTo(404));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_body_that_rests_is_ended_after_five_and_a_half_minutes(CancellationToken token)
    {
        (InProcessPeer reports, string id) = await ReportsAsync(token);
        InProcessPeer stream = await StreamAsync(id, token);
        await stream.SendChunkAsync("hello", token);
        await ReportAsync(reports, token);
        await _relay.UntilReportedAsync(token);
        _relay.Advance(329);
        Assert.That(_relay.Context.Probes.Find(IdOf(id), Home)!.Ended.IsCompleted, Is.False);
        _relay.Advance(1);

        Assert.That((await LastAsync(reports, token)).End, Is.EqualTo(ProbeReportEnd.Bound));
        Assert.That((await stream.ReadToEndAsync(token)).End, Is.EqualTo(PeerEnd.Reset));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_body_ends_at_its_bound([Values] bool isOver, CancellationToken token)
    {
        (InProcessPeer reports, string id) = await ReportsAsync(token);
        InProcessPeer stream = await StreamAsync(id, token, $"Content-Length: {ProbeOrder.MaxBytes + 1}\r\n");
        Task<ProbeReport> reading = LastAsync(reports, token);
        for (long sent = 0; sent < ProbeOrder.MaxBytes;)
        {
            ReadOnlyMemory<byte> piece = ProbeBytes.At(sent, ProbeOrder.MaxBytes - sent);
            await stream.SendAsync(piece, token);
            sent += piece.Length;
        }

        if (isOver) await stream.SendAsync("x", token);
        else stream.Reset();
        ProbeReport last = await reading;

        Assert.That(last.End, Is.EqualTo(isOver ? ProbeReportEnd.Bound : ProbeReportEnd.Broken));
        Assert.That(last.Bytes, isOver ? Is.EqualTo(ProbeOrder.MaxBytes + 1) : Is.LessThanOrEqualTo(ProbeOrder.MaxBytes));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_body_whose_reports_nobody_takes_any_more_is_broken_off(CancellationToken token)
    {
        (InProcessPeer reports, string id) = await ReportsAsync(token);
        InProcessPeer stream = await StreamAsync(id, token);
        await stream.SendChunkAsync("hello", token);
        await ReportAsync(reports, token);
        reports.Reset();

        Assert.That((await stream.ReadToEndAsync(token)).End, Is.EqualTo(PeerEnd.Reset));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_pair_takes_one_body_of_its_own_party(CancellationToken token)
    {
        (InProcessPeer _, string id) = await ReportsAsync(token);
        string field = $"Ptth-Connection: {id}\r\n";
        Assert.That((await _relay.AskAsync("probe/stream", InProcessRelay.Office, token, field, "x")).Status, Is.EqualTo(404));
        Assert.That((await _relay.AskAsync("probe/stream", InProcessRelay.Home, token, "", "x")).Status, Is.EqualTo(404));
        Assert.That((await _relay.AskAsync("probe/stream", InProcessRelay.Home, token, "Ptth-Connection: x\r\n", "x")).Status, Is.EqualTo(404));
        InProcessPeer stream = await StreamAsync(id, token);
        await stream.SendChunkAsync("hello", token);
        await InProcessWait.UntilAsync(() => _relay.Context.Probes.Find(IdOf(id), Home)?.Bytes == 5, "it has begun", token);

        Assert.That((await _relay.AskAsync("probe/stream", InProcessRelay.Home, token, field, "x")).Status, Is.EqualTo(409));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Each_party_and_all_together_have_so_many(CancellationToken token)
    {
        PtthKey[] keys = [InProcessRelay.Home, InProcessRelay.Office, InProcessRelay.Laptop, InProcessRelay.Phone];
        Assert.That(keys, Has.Length.EqualTo(ProbeTurns.MaxInAll / ProbeTurns.MaxPerParty));
        List<InProcessPeer> peers = [];
        foreach (PtthKey key in keys)
        {
            for (int i = 0; i < ProbeTurns.MaxPerParty; i++)
            {
                InProcessPeer peer = await DownloadAsync("pause=60000", token, key);
                Assert.That((await peer.ReadHeadAsync(token)).StartLine, Is.EqualTo("HTTP/1.1 200 OK"));
                peers.Add(peer);
            }

            PeerMessage refused = await _relay.AskAsync("probe/reports", key, token);
            Assert.That((refused.Status, refused["Retry-After"]), Is.EqualTo((429, "5")));
        }

        Assert.That((await _relay.AskAsync("probe/echo", InProcessRelay.Home, token)).Status, Is.EqualTo(200), "it takes no place");
        peers[0].Reset();
        await InProcessWait.UntilAsync(() => _relay.Context.Probes.Turns.Taken == ProbeTurns.MaxInAll - 1, "a place is free", token);
        InProcessPeer next = await DownloadAsync("", token);
        Assert.That((await next.ReadHeadAsync(token)).StartLine, Is.EqualTo("HTTP/1.1 200 OK"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_drain_ends_them(CancellationToken token)
    {
        InProcessPeer download = await DownloadAsync("pause=60000, bytes=10", token);
        await download.ReadHeadAsync(token);
        await download.ReadChunkAsync(token);
        await UntilPausedAsync(1, token);
        (InProcessPeer reports, string id) = await ReportsAsync(token);
        InProcessPeer stream = await StreamAsync(id, token);
        await stream.SendChunkAsync("hello", token);
        await ReportAsync(reports, token);
        _relay.Context.StartDraining();

        Assert.That(await download.ReadChunkAsync(token), Is.Null, "it ends cleanly: it was not the path");
        Assert.That((await ReportAsync(reports, token)).End, Is.EqualTo(ProbeReportEnd.Draining));
        Assert.That(await reports.ReadChunkAsync(token), Is.Null);
        Assert.That((await stream.ReadToEndAsync(token)).End, Is.EqualTo(PeerEnd.Reset));
        foreach (string what in new[] { "download", "reports" })
            Assert.That((await _relay.AskAsync($"probe/{what}", InProcessRelay.Home, token)).Status, Is.EqualTo(503));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Who_leaves_is_noticed_and_a_key_that_goes_breaks_them([Values] bool byKey, CancellationToken token)
    {
        InProcessPeer download = await DownloadAsync("pause=60000", token);
        await download.ReadHeadAsync(token);
        await download.ReadChunkAsync(token);
        (InProcessPeer reports, string _) = await ReportsAsync(token);
        if (byKey)
        {
            _relay.Reload(static config => config with { Servers = [.. config.Servers.Where(static server => server.Name != "home")] });
            Assert.That((await download.ReadToEndAsync(token)).End, Is.EqualTo(PeerEnd.Reset));
            Assert.That((await reports.ReadToEndAsync(token)).End, Is.EqualTo(PeerEnd.Reset));
        }
        else
        {
            download.Reset();
            reports.Reset();
        }

        await InProcessWait.UntilAsync(() => _relay.Context.Probes.Turns.Taken == 0, "no place is taken", token);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_key_that_goes_breaks_a_download_off_that_nobody_takes(CancellationToken token)
    {
        InProcessPeer peer = await DownloadAsync($"bytes={ProbeOrder.MaxBytes}", token);
        await peer.ReadHeadAsync(token);
        int available = -1;
        await InProcessWait.UntilAsync(
            () =>
            {
                bool isFull = peer.Socket.Available > 60_000 && peer.Socket.Available == available;
                available = peer.Socket.Available;
                return isFull;
            },
            "its socket is full",
            token);
        _relay.Reload(static config => config with { Servers = [.. config.Servers.Where(static server => server.Name != "home")] });

        await InProcessWait.UntilAsync(() => _relay.Context.Probes.Turns.Taken == 0, "no place is taken", token);
    }

    /// <remarks>The time for its beginning may be over in the moment in which it begins.</remarks>
    [Test]
    [CancelAfter(30_000)]
    public async Task A_body_that_came_too_late_by_a_hair_is_broken_off(CancellationToken token)
    {
        (InProcessPeer _, string id) = await ReportsAsync(token);
        InProcessPeer stream = await StreamAsync(id, token);
        await stream.SendChunkAsync("hello", token);
        ProbePair pair = _relay.Context.Probes.Find(IdOf(id), Home)!;
        await InProcessWait.UntilAsync(() => pair.Bytes == 5, "it has begun", token);
        pair.End(ProbeReportEnd.None);

        Assert.That((await stream.ReadToEndAsync(token)).End, Is.EqualTo(PeerEnd.Reset));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Their_bytes_keep_to_the_rates_of_a_tunnel([Values] bool ofServer, CancellationToken token)
    {
        InProcessRelay relay = Own(new InProcessRelay(new RelayLimits
        {
            BytesPerSecondPerTunnel = ofServer ? 1024 : 0,
            BytesPerSecondPerClient = ofServer ? 0 : 1024,
        }));
        PtthKey key = ofServer ? InProcessRelay.Home : InProcessRelay.Laptop;
        InProcessPeer down = await relay.SendAsync("probe/download", key, token, "Ptth-Probe: bytes=100000\r\nContent-Length: 0\r\n");
        await down.ReadHeadAsync(token);
        await down.ReadChunkAsync(token);
        int bytes = 0;
        for (int second = 1; second <= 5; second++)
        {
            bytes += (await down.ReadChunkAsync(token))!.Length;
            await InProcessWait.UntilAsync(() => relay.Time.Timers == 2, "it waits for its turn", token);
            relay.Advance(1.1);
        }

        Assert.That(bytes, Is.EqualTo(5 * 1024));
        down.Reset();
    }

    [TestCase("download")]
    [TestCase("reports")]
    [TestCase("stream")]
    [TestCase("echo")]
    [TestCase("other")]
    [CancelAfter(30_000)]
    public async Task They_need_a_key_and_streams_need_http_1_1(string what, CancellationToken token)
    {
        Assert.That((await _relay.AskAsync($"probe/{what}", null, token)).Status, Is.EqualTo(401));
        Assert.That((await _relay.AskAsync($"probe/{what}", PtthKey.Generate(), token)).Status, Is.EqualTo(401));
        PeerMessage old = await _relay.AskAsync($"probe/{what}", InProcessRelay.Home, token, version: "HTTP/1.0");
        Assert.That(old.Status, Is.EqualTo(what switch { "echo" => 200, "other" => 404, _ => 426 }));
    }

    private static async Task<ProbeReport> ReportAsync(InProcessPeer reports, CancellationToken token)
    {
        byte[] line = await reports.ReadChunkAsync(token) ?? throw new EndOfStreamException("no report any more");
        Assert.That(ProbeReport.TryRead(line, out ProbeReport report), Is.True);
        return report;
    }

    private static async Task<ProbeReport> LastAsync(InProcessPeer reports, CancellationToken token)
    {
        ProbeReport last = default;
        while (await reports.ReadChunkAsync(token) is { } line) ProbeReport.TryRead(line, out last);
        return last;
    }

    private static ConnectionId IdOf(string text) => ConnectionId.TryParse(text, out ConnectionId id) ? id : default;

    private Task<InProcessPeer> DownloadAsync(string order, CancellationToken token, PtthKey? key = null) =>
        _relay.SendAsync("probe/download", key ?? InProcessRelay.Home, token, $"Ptth-Probe: {order}\r\nContent-Length: 0\r\n");

    private async Task<(InProcessPeer Reports, string Id)> ReportsAsync(CancellationToken token)
    {
        InProcessPeer reports = await _relay.SendAsync("probe/reports", InProcessRelay.Home, token, "Content-Length: 0\r\n");
        PeerMessage head = await reports.ReadHeadAsync(token);
        Assert.That(await ReportAsync(reports, token), Is.EqualTo(new ProbeReport(0, ProbeReportEnd.None, IsChanged: false)));
        return (reports, head["Ptth-Connection"]!);
    }

    private Task<InProcessPeer> StreamAsync(string id, CancellationToken token, string framing = Chunked) =>
        _relay.SendAsync("probe/stream", InProcessRelay.Home, token, $"Ptth-Connection: {id}\r\n{framing}");

    /// <summary>Waits until so many pauses have their timers, besides the ticker's.</summary>
    private Task UntilPausedAsync(int pauses, CancellationToken token) =>
        InProcessWait.UntilAsync(() => _relay.Time.Timers == 1 + pauses, $"{pauses} pauses", token);
}
