using NUnit.Framework;
using Ptth.Common.Protocol;
using Ptth.Http.Transport;
using Ptth.Proxy.Configuration;
using Ptth.Proxy.Relaying;
using Ptth.Tests.Support;

namespace Ptth.Tests.Proxy;

/// <summary>When a sender of segments gives up, with a relay by hand: at the bound, and not before; and what it waits for.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class SegmentSenderTests : InProcessTest
{
    private const int MaxBroken = 100;

    private readonly InProcessTime _time = new();
    private readonly TcpService _service;
    private readonly SegmentSender _sender;
    private readonly int _timersAtRest;

    public SegmentSenderTests()
    {
        _service = Own(new TcpService());
        var client = Own(new RelayClient(
            InProcessServerProxy.UrlOf(_service.EndPoint), null, null, PtthKey.Generate(), new ProxyTimeouts(), Own(new Ticker(_time)), _time));
        var bound = new SegmentBound(UploadSettings.MinSegmentBytes, new InProcessLog());
        _sender = new SegmentSender(client, PtthPaths.Upstream, ConnectionId.New(), null, bound, _time);
        _timersAtRest = _time.Timers;
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_relay_is_asked_until_ten_seconds_are_over([Values] bool answersInTime, CancellationToken token)
    {
        Task<string?> delivering = _sender.DeliverAsync("hello"u8.ToArray(), isLast: false, CancellationToken.None);
        await LoseAsync(await AcceptAsync(token), token);
        double[] pauses = [0.05, 0.1, 0.2, 0.4, 0.8, 1, 1, 1, 1, 1, 1, 1, 1];
        foreach (double pause in pauses) await LoseAsync(await AcceptAfterAsync(pause, token), token);
        Assert.That(pauses.Sum(), Is.EqualTo(9.55).Within(0.001));

        // The last question: it is asked after the ten seconds.
        InProcessPeer relay = await AcceptAfterAsync(1, token);
        Assert.That(delivering.IsCompleted, Is.False);
        if (answersInTime) await AnswerAsync(relay, 5, token);
        else await LoseAsync(relay, token);

        Assert.That(await delivering.ComesAsync(token), answersInTime ? Is.Null : Does.Contain("for 10 s the relay could not be asked"));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_hundred_times_in_a_row_without_a_byte_handed_on_are_too_many([Values] bool aByteIsInBetween, CancellationToken token)
    {
        Task<string?> delivering = _sender.DeliverAsync("hello"u8.ToArray(), isLast: false, CancellationToken.None);
        InProcessPeer relay = await AcceptAsync(token);
        int sent = 0, at = 0;
        while (true)
        {
            PeerMessage segment = await relay.ReadMessageAsync(token);
            Assert.That((segment["Ptth-Offset"], segment.Text), Is.EqualTo(($"{at}", "hello"[at..])));
            if (++sent == MaxBroken && aByteIsInBetween) at = 1;
            relay.Reset();
            relay = await AcceptAfterAsync(0.05, token);
            await AnswerAsync(relay, at, token);
            if (sent == (aByteIsInBetween ? 2 * MaxBroken : MaxBroken)) break;
        }

        Assert.That(await delivering.ComesAsync(token), Does.Contain("broke off 100 times in a row"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_relay_that_cannot_say_yet_how_far_it_got_is_asked_for_as_long_as_that_takes(CancellationToken token)
    {
        Task<string?> delivering = _sender.DeliverAsync("hello"u8.ToArray(), isLast: false, CancellationToken.None);
        await LoseAsync(await AcceptAsync(token), token);
        InProcessPeer relay = await AcceptAfterAsync(0.05, token);
        foreach (double pause in new[] { 0.1, 0.2, 0.4, 0.8 }.Concat(Enumerable.Repeat(1.0, 20)))
        {
            await AnswerAsync(relay, 2, token, "409 Conflict");
            await AdvanceAsync(pause, token);
        }

        await AnswerAsync(relay, 2, token);
        PeerMessage rest = await relay.ReadMessageAsync(token);
        Assert.That((rest["Ptth-Offset"], rest.Text), Is.EqualTo(("2", "llo")));
        await SendAnswerAsync(relay, 5, token);
        Assert.That(await delivering.ComesAsync(token), Is.Null);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task The_answer_to_the_end_alone_may_take_as_long_as_the_receiver_does(CancellationToken token)
    {
        Task<string?> delivering = _sender.DeliverAsync(default, isLast: true, CancellationToken.None);
        InProcessPeer relay = await AcceptAsync(token);
        Assert.That((await relay.ReadMessageAsync(token))["Ptth-Last"], Is.EqualTo("yes"));
        for (int i = 0; i < 60; i++) _time.Advance(TimeSpan.FromSeconds(1));
        await SendAnswerAsync(relay, 0, token);
        Assert.That(await delivering.ComesAsync(token), Is.Null);
    }

    /// <summary>The connection that comes after a pause of the sender, and not before.</summary>
    private async Task<InProcessPeer> AcceptAfterAsync(double seconds, CancellationToken token)
    {
        Task<InProcessPeer> accepting = AcceptAsync(token);
        await AdvanceAsync(seconds, token, () => Assert.That(accepting.IsCompleted, Is.False));
        return await accepting;
    }

    /// <summary>Lets the sender's pause pass, which is to be so long.</summary>
    private async Task AdvanceAsync(double seconds, CancellationToken token, Action? justBefore = null)
    {
        await InProcessWait.UntilAsync(() => _time.Timers == _timersAtRest + 1, "it waits", token);
        _time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
        justBefore?.Invoke();
        _time.Advance(TimeSpan.FromMilliseconds(1));
    }

    /// <summary>Loses a connection with a request on it: whoever sent that has done with dialing.</summary>
    private static async Task LoseAsync(InProcessPeer relay, CancellationToken token)
    {
        await relay.ReadMessageAsync(token);
        relay.Reset();
    }

    private static async Task AnswerAsync(InProcessPeer relay, int offset, CancellationToken token, string status = "200 OK")
    {
        Assert.That((await relay.ReadMessageAsync(token))["Content-Length"], Is.EqualTo("0"));
        await SendAnswerAsync(relay, offset, token, status);
    }

    private static Task SendAnswerAsync(InProcessPeer relay, int offset, CancellationToken token, string status = "200 OK") =>
        relay.SendAsync($"HTTP/1.1 {status}\r\nPtth-Offset: {offset}\r\nContent-Length: 0\r\n\r\n", token);

    private async Task<InProcessPeer> AcceptAsync(CancellationToken token) => Own(new InProcessPeer(await _service.AcceptAsync(token)));
}
