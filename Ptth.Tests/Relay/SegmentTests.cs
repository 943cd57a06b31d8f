using System.Globalization;
using NUnit.Framework;
using Ptth.Common.Protocol;
using Ptth.Relay;
using Ptth.Relay.Tunnels;
using Ptth.Tests.Support;
using TunnelEnd = Ptth.Relay.Tunnels.TunnelEnd;

namespace Ptth.Tests.Relay;

/// <summary>Uploads that come in segments: one stream for the receiver, and no byte lost or doubled whatever happens to the requests.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class SegmentTests : InProcessTest
{
    private readonly InProcessRelay _relay;
    private string _id = "";
    private InProcessPeer _connect = null!;
    private InProcessPeer _accept = null!;

    public SegmentTests() => _relay = Own(new InProcessRelay());

    [Test]
    [CancelAfter(30_000)]
    public async Task Segments_are_one_stream_with_one_clean_end(CancellationToken token)
    {
        await OpenAsync(token);
        AssertAt(await SegmentAsync(0, "", token), 0);
        AssertAt(await SegmentAsync(0, "hello", token), 5);
        Assert.That(await _accept.ReadDataAsync(5, token), Is.EqualTo("hello"));
        AssertAt(await SegmentAsync(5, " world", token), 11);
        AssertAt(await SegmentAsync(11, "!", token, isLast: true), 12);
        Assert.That(await _accept.ReadDataAsync(7, token), Is.EqualTo(" world!"));
        Assert.That(await _accept.ReadChunkAsync(token), Is.Null);

        AssertAt(await SegmentAsync(0, "", token, isLast: true, isUp: false), 0);
        Assert.That(await _connect.ReadChunkAsync(token), Is.Null);
        await InProcessWait.UntilAsync(() => _relay.Context.Tunnels.Open == 0, "the tunnel is complete", token);
        Assert.That(await _relay.Log.LineAsync("ended", token), Does.Contain("Completed"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Whoever_missed_the_last_answer_gets_it_again_for_ten_seconds(CancellationToken token)
    {
        await OpenAsync(token);
        AssertAt(await SegmentAsync(0, "a", token, isLast: true), 1);
        AssertAt(await SegmentAsync(1, "", token, isLast: true), 1);
        AssertAt(await SegmentAsync(0, "", token, isLast: true, isUp: false), 0);
        await InProcessWait.UntilAsync(() => _relay.Context.Tunnels.Open == 0, "the tunnel is complete", token);

        AssertAt(await SegmentAsync(0, "", token), 1);
        AssertAt(await SegmentAsync(0, "a", token, isLast: true), 1);
        _relay.Advance(11);
        Assert.That((await SegmentAsync(1, "", token)).Status, Is.EqualTo(404));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_segment_that_breaks_off_is_counted_as_far_as_it_got([Values] bool byReset, CancellationToken token)
    {
        await OpenAsync(token);
        InProcessPeer half = await BeginAsync(0, 10, "hell", token);
        Assert.That(await _accept.ReadDataAsync(4, token), Is.EqualTo("hell"));
        if (byReset) half.Reset();
        else half.SendFin();

        AssertAt(await SegmentAsync(0, "", token), 4);
        AssertAt(await SegmentAsync(4, "o", token, isLast: true), 5);
        Assert.That(await _accept.ReadDataAsync(1, token), Is.EqualTo("o"));
        Assert.That(await _accept.ReadChunkAsync(token), Is.Null);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_newer_segment_breaks_off_one_whose_connection_only_seems_to_be_there(CancellationToken token)
    {
        await OpenAsync(token);
        InProcessPeer dead = await BeginAsync(0, 10, "hell", token);
        Assert.That(await _accept.ReadDataAsync(4, token), Is.EqualTo("hell"));

        AssertAt(await SegmentAsync(0, "", token), 4);
        Assert.That((await dead.ReadToEndAsync(token)).End, Is.EqualTo(PeerEnd.Reset));
        AssertAt(await SegmentAsync(4, "o", token), 5);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task What_does_not_fit_is_refused_with_the_offset(CancellationToken token)
    {
        await OpenAsync(token);
        AssertAt(await SegmentAsync(0, "hello", token), 5);
        foreach (int offset in new[] { 0, 4, 6 })
        {
            PeerMessage answer = await SegmentAsync(offset, "x", token);
            Assert.That((answer.Status, answer["Ptth-Offset"]), Is.EqualTo((409, "5")));
        }

        Assert.That((await SegmentAsync(4, "", token, isLast: true))["Ptth-Offset"], Is.EqualTo("5"), "it asks");
        PeerMessage stream = await _relay.AskAsync($"upstream/{_id}", InProcessRelay.Laptop, token, body: "x");
        Assert.That((stream.Status, stream["Ptth-Offset"]), Is.EqualTo((409, (string?)null)));
        Assert.That(await _accept.ReadDataAsync(5, token), Is.EqualTo("hello"));
    }

    [TestCase("-1")]
    [TestCase("1, 2")]
    [TestCase("1234567890123456789")]
    [CancelAfter(30_000)]
    public async Task An_offset_that_is_none_is_a_bad_request(string offset, CancellationToken token)
    {
        await OpenAsync(token);
        PeerMessage answer = await _relay.AskAsync($"upstream/{_id}", InProcessRelay.Laptop, token, $"Ptth-Offset: {offset}\r\n");
        Assert.That(answer.Status, Is.EqualTo(400));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_stream_is_not_gone_on_with_in_segments(CancellationToken token)
    {
        await OpenAsync(token);
        InProcessPeer stream = await _relay.SendAsync($"upstream/{_id}", InProcessRelay.Laptop, token, "Transfer-Encoding: chunked\r\n");
        await stream.SendChunkAsync("a", token);
        Assert.That(await _accept.ReadDataAsync(1, token), Is.EqualTo("a"));
        PeerMessage answer = await SegmentAsync(1, "b", token);
        Assert.That((answer.Status, answer["Ptth-Offset"]), Is.EqualTo((409, (string?)null)));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Whoever_broke_off_has_ten_seconds_to_come_again([Values] bool comes, CancellationToken token)
    {
        await OpenAsync(token);
        AssertAt(await SegmentAsync(0, "", token), 0);
        AssertAt(await SegmentAsync(0, "", token, isUp: false), 0);
        InProcessPeer half = await BeginAsync(0, 10, "hell", token);
        Assert.That(await _accept.ReadDataAsync(4, token), Is.EqualTo("hell"));
        half.Reset();
        Tunnel tunnel = _relay.TunnelOf(_id);
        await InProcessWait.UntilAsync(() => tunnel.Up.Segments!.IsOverdue(_relay.Ticker.NowMilliseconds + 10_000), "it is known to be broken", token);
        _relay.Advance(9);
        Assert.That(tunnel.End, Is.Null);
        if (comes) AssertAt(await SegmentAsync(4, "o", token), 5);
        _relay.Advance(2);

        Assert.That(tunnel.End, Is.EqualTo(comes ? null : TunnelEnd.ClientBroke));
        if (!comes) Assert.That((await _accept.ReadToEndAsync(token)).End, Is.EqualTo(PeerEnd.Reset));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Whoever_asks_while_the_receiver_stands_still_is_told_so_after_two_seconds(CancellationToken token)
    {
        await OpenAsync(token);
        var pattern = new Pattern((ulong)Seed);
        InProcessPeer lost = await BeginAsync(0, 1_000_000_000, "", token);
        await new PatternSender(lost.Socket, pattern, token).StallsAsync(TimeSpan.FromMilliseconds(300), token);
        lost.Reset();
        for (int i = 0; i < 3; i++)
        {
            int timers = _relay.Time.Timers;
            Task<PeerMessage> asking = SegmentAsync(0, "", token);
            await InProcessWait.UntilAsync(() => _relay.Time.Timers > timers, "it waits", token);
            _relay.Advance(1.9);
            Assert.That(asking.IsCompleted, Is.False);
            _relay.Advance(0.1);
            Assert.That(((await asking).Status, (await asking)["Ptth-Offset"]), Is.EqualTo((409, $"{_relay.TunnelOf(_id).Up.Bytes}")));
        }

        Task<long> reading = ReadPatternAsync(_accept, pattern, token);
        PeerMessage known = await SegmentAsync(0, "", token);
        int offset = int.Parse(known["Ptth-Offset"]!, CultureInfo.InvariantCulture);
        AssertAt(known, offset);
        AssertAt(await SegmentAsync(offset, "", token, isLast: true), offset);
        Assert.That(await reading, Is.EqualTo(offset));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Whoever_waits_behind_one_that_breaks_off_has_come_again(CancellationToken token)
    {
        await OpenAsync(token);
        AssertAt(await SegmentAsync(0, "", token, isUp: false), 0);
        await BeginAsync(0, 10, "hell", token);
        Assert.That(await _accept.ReadDataAsync(4, token), Is.EqualTo("hell"));
        AssertAt(await SegmentAsync(0, "", token), 4);

        // The rest takes long on its way.
        _relay.Advance(11);
        AssertAt(await SegmentAsync(4, "o", token), 5);
    }

    [Test]
    public void A_hundred_segments_in_a_row_that_break_off_without_a_byte_are_too_many()
    {
        var lane = new SegmentLane();
        for (int i = 1; i < SegmentLane.MaxBroken; i++) Assert.That(lane.TryBreak(0, 0), Is.True);
        Assert.That(lane.TryBreak(1, 0), Is.True, "a byte is progress");
        for (int i = 1; i < SegmentLane.MaxBroken; i++) Assert.That(lane.TryBreak(0, 0), Is.True);
        Assert.That(lane.TryBreak(0, 0), Is.False);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task The_hundredth_that_breaks_off_without_a_byte_breaks_the_tunnel(CancellationToken token)
    {
        await OpenAsync(token);
        AssertAt(await SegmentAsync(0, "", token, isUp: false), 0);
        Tunnel tunnel = _relay.TunnelOf(_id);
        for (int i = 1; i <= SegmentLane.MaxBroken; i++)
        {
            Assert.That(tunnel.End, Is.Null);
            AssertAt(await SegmentAsync(0, "", token), 0);
            (await BeginAsync(0, 10, "", token)).SendFin();
            await InProcessWait.UntilAsync(() => tunnel.End is not null || tunnel.Up.Segments!.IsOverdue(_relay.Ticker.NowMilliseconds + 10_000), "it has broken off", token);
        }

        Assert.That(tunnel.End, Is.EqualTo(TunnelEnd.ClientBroke));
    }

    [TestCase("Transfer-Encoding: chunked\r\n", "1\r\n.\r\n")]
    [TestCase("Content-Length: 1099511627776\r\n", ".")]
    [CancelAfter(30_000)]
    public async Task A_probe_is_answered_while_its_body_is_open(string framing, string beginning, CancellationToken token)
    {
        foreach (PtthKey key in new[] { InProcessRelay.Home, InProcessRelay.Laptop })
        {
            InProcessPeer probe = await _relay.SendAsync("probe/upload", key, token, framing);
            await probe.SendAsync(beginning, token);
            PeerMessage answer = await probe.ReadHeadAsync(token);
            Assert.That((answer.Status, answer["Ptth-Accepts"]), Is.EqualTo((200, "segments, probes")));
        }
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_probe_needs_a_key_and_something_to_look_for(CancellationToken token)
    {
        Assert.That((await _relay.AskAsync("probe/upload", null, token)).Status, Is.EqualTo(401));
        Assert.That((await _relay.AskAsync("probe/other", InProcessRelay.Home, token)).Status, Is.EqualTo(404));
        Assert.That((await _relay.AskAsync("probe/upload", InProcessRelay.Home, token)).Status, Is.EqualTo(200), "there is no body to wait for");
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_probe_waits_ten_seconds_for_a_body(CancellationToken token)
    {
        InProcessPeer probe = await _relay.SendAsync("probe/upload", InProcessRelay.Home, token, "Transfer-Encoding: chunked\r\n");
        // A connection that has not asked yet is closed, and not broken off.
        await InProcessWait.UntilAsync(() => _relay.Context.Statistics.Requests[(int)RouteKind.Probe] == 1, "it has come", token);
        await InProcessWait.UntilAsync(
            () =>
            {
                _relay.Advance(1);
                return _relay.Server.Connections == 0;
            },
            "it is cut off",
            token);
        Assert.That((await probe.ReadToEndAsync(token)).End, Is.EqualTo(PeerEnd.Reset));
    }

    private async Task OpenAsync(CancellationToken token)
    {
        (_connect, _id) = await _relay.OfferAsync(token);
        _accept = await _relay.SendAsync($"accept/{_id}", InProcessRelay.Home, token);
        PeerMessage accepted = await _accept.ReadHeadAsync(token), connected = await _connect.ReadHeadAsync(token);
        Assert.That((accepted["Ptth-Accepts"], connected["Ptth-Accepts"]), Is.EqualTo(("segments, probes", "segments, probes")));
    }

    private Task<PeerMessage> SegmentAsync(int offset, string body, CancellationToken token, bool isLast = false, bool isUp = true) => _relay.AskAsync(
        $"{(isUp ? "upstream" : "downstream")}/{_id}",
        isUp ? InProcessRelay.Laptop : InProcessRelay.Home,
        token,
        string.Create(CultureInfo.InvariantCulture, $"Ptth-Offset: {offset}\r\n{(isLast ? "Ptth-Last: yes\r\n" : "")}"),
        body);

    private async Task<InProcessPeer> BeginAsync(int offset, int length, string beginning, CancellationToken token)
    {
        InProcessPeer peer = await _relay.SendAsync(
            $"upstream/{_id}", InProcessRelay.Laptop, token, string.Create(CultureInfo.InvariantCulture, $"Ptth-Offset: {offset}\r\nContent-Length: {length}\r\n"));
        await peer.SendAsync(beginning, token);
        return peer;
    }

    /// <summary>Reads a stream to its clean end, and says how long it was.</summary>
    private static async Task<long> ReadPatternAsync(InProcessPeer receiver, Pattern pattern, CancellationToken token)
    {
        long received = 0;
        while (await receiver.ReadChunkAsync(token) is { } chunk)
        {
            Assert.That(pattern.Matches(chunk, received, new byte[chunk.Length]), Is.True);
            received += chunk.Length;
        }

        return received;
    }

    private static void AssertAt(PeerMessage answer, int offset) =>
        Assert.That((answer.Status, answer["Ptth-Offset"]), Is.EqualTo((200, offset.ToString(CultureInfo.InvariantCulture))));
}
