using NUnit.Framework;
using Ptth.Http.Flow;
using Ptth.Tests.Support;

namespace Ptth.Tests.Flow;

/// <summary>When a direction that rests is kept alive, and that nothing is sent in the middle of anything else.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class FlowKeepAliveTests : InProcessTest
{
    private static readonly byte[] Empty = [.. "4\r\n"u8, 0, 0, 0, 0, .. "\r\n"u8];

    private readonly InProcessChannel _to;
    private readonly FlowKeepAlive _keepAlive;
    private long _now = 1_000_000;

    public FlowKeepAliveTests()
    {
        _to = Own(new InProcessChannel());
        _keepAlive = new FlowKeepAlive(new RecordSink(_to, marksEnd: false).SendKeepAliveAsync, TimeSpan.FromSeconds(20));
    }

    [Test]
    public void A_record_goes_out_after_each_interval_without_a_byte_and_not_before()
    {
        _keepAlive.BeginRest();
        Tick(19, bytes: 0);
        Assert.That(_to.Sends, Is.Zero, "19 s may have passed since the start");
        Tick(1, bytes: 0);
        Assert.That(_to.Sent, Is.EqualTo(Empty));
        Tick(19, bytes: 0);
        Assert.That(_to.Sends, Is.EqualTo(1));
        Tick(1, bytes: 0);
        Assert.That(_to.Sends, Is.EqualTo(2));
    }

    [Test]
    public void Bytes_count_from_the_tick_before_them()
    {
        _keepAlive.BeginRest();
        Tick(10, bytes: 0);
        Tick(1, bytes: 7);
        Tick(18, bytes: 7);
        Assert.That(_to.Sends, Is.Zero);
        Tick(1, bytes: 7);
        Assert.That(_to.Sends, Is.EqualTo(1), "no more than 20 s after the tick that was the last without them");
    }

    [Test]
    public async Task A_flow_that_is_at_work_is_left_alone()
    {
        Tick(100, bytes: 0);
        Assert.That(_to.Sends, Is.Zero);
        _keepAlive.BeginRest();
        await _keepAlive.EndRestAsync();
        Tick(100, bytes: 0);
        Assert.That(_to.Sends, Is.Zero);
        _keepAlive.BeginRest();
        _keepAlive.Stop();
        Tick(100, bytes: 0);
        Assert.That(_to.Sends, Is.Zero);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_flow_goes_on_only_when_the_record_is_out_and_no_second_one_goes_meanwhile(CancellationToken token)
    {
        var gate = new TaskCompletionSource();
        _to.Gate = gate.Task;
        _keepAlive.BeginRest();
        Tick(25, bytes: 0);
        Tick(25, bytes: 0);

        Task resting = _keepAlive.EndRestAsync().AsTask();
        Assert.That(resting.IsCompleted, Is.False);
        gate.SetResult();
        await resting.WaitAsync(token);

        Assert.That(_to.Sent, Is.EqualTo(Empty));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Nothing_but_the_wait_is_ended_by_a_connection_that_fails(CancellationToken token)
    {
        using var to = new InProcessChannel([], ChannelEnd.Never) { SendsBeforeFailure = 0 };
        var keepAlive = new FlowKeepAlive(new RecordSink(to, marksEnd: false).SendKeepAliveAsync, TimeSpan.FromSeconds(1));
        keepAlive.BeginRest();
        keepAlive.OnTick(0, 0);
        keepAlive.OnTick(1000, 0);

        await keepAlive.EndRestAsync().AsTask().WaitAsync(token);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_flow_rests_while_it_waits_and_then_goes_on(CancellationToken token)
    {
        InProcessTcp incoming = InProcessTcp.Connect();
        using var from = new Http.Transport.SocketChannel(incoming.Ours);
        using var peer = incoming.Peers;
        Task<FlowResult> flow = new Http.Flow.Flow(new RawSource(from), new RecordSink(_to, marksEnd: false), keepAlive: _keepAlive).RunAsync();
        Tick(21, bytes: 0);
        peer.Send("a"u8);
        peer.Shutdown(System.Net.Sockets.SocketShutdown.Send);

        Assert.That(await flow.WaitAsync(token), Is.EqualTo(new FlowResult(FlowEnd.Clean, 1)));
        Assert.That(_to.Sent, Is.EqualTo((byte[])[.. Empty, .. "5\r\n"u8, 0, 0, 0, 1, .. "a\r\n0\r\n\r\n"u8]));
        Tick(100, bytes: 1);
        Assert.That(_to.Sent, Has.Length.EqualTo(Empty.Length + 15), "nothing follows the end");
    }

    [Test]
    public void Ticks_that_come_a_little_early_count()
    {
        _keepAlive.BeginRest();
        _keepAlive.OnTick(0, 0);
        _keepAlive.OnTick(18_499, 0);
        Assert.That(_to.Sends, Is.Zero);
        _keepAlive.OnTick(18_500, 0);
        Assert.That(_to.Sends, Is.EqualTo(1));
    }

    private void Tick(int seconds, long bytes)
    {
        for (int i = 0; i < seconds; i++)
        {
            _keepAlive.OnTick(_now, bytes);
            _now += 1000;
        }
    }
}
