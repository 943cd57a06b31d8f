using System.Net.Sockets;
using NUnit.Framework;
using Ptth.Http.Flow;
using Ptth.Tests.Support;

namespace Ptth.Tests.Flow;

/// <summary>What is special about splicing: urgent data, progress while a receiver is slow, and the thread.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.Self)]
internal sealed class SpliceEdgeTests : InProcessTest
{
    private const int Chunk = 250_000;
    private const int SizeLine = 7;

    /// <summary>
    /// splice(2) stops at urgent data (MSG_OOB, tcp(7)) as if nothing had come, or the end, while a receive passes over it.
    /// </summary>
    [Test]
    [CancelAfter(20_000)]
    public async Task Urgent_data_neither_holds_bulk_up_nor_ends_it(
        [Values] SourceKind source,
        [Values] SinkKind sink,
        [Values(-1, 0, SizeLine - 1, SizeLine + 100_000)] int behindAChunksEnd,
        [Values] bool alone,
        CancellationToken token)
    {
        byte[] payload = Random.Bytes(20 * Chunk);
        byte[] wire = source == SourceKind.Chunked ? SocketHop.Chunked(payload, static () => Chunk) : payload;
        // The CRLF of the fifteenth chunk ends here.
        int place = (15 * (SizeLine + Chunk + 2)) + behindAChunksEnd;
        SocketHop hop = Own(await SocketHop.OpenAsync(source, sink, payload.Length));
        Task<FlowResult> flow = Task.Run(hop.Flow.RunAsync, token);
        Task<byte[]> receiving = Task.Run(() => hop.Receive(sink, payload.Length, static () => 500_000), token);

        await Task.Run(
            () =>
            {
                hop.Send(wire.AsSpan(0, place), end: false);
                hop.Sender.Send([(byte)'!'], SocketFlags.OutOfBand);
            },
            token);
        // All that went before has arrived, and the urgent byte is all there is; or it lies between others.
        if (alone) await InProcessWait.UntilAsync(() => hop.Flow.Bytes > 14 * Chunk, "what went before to pass", token);
        await Task.Run(() => hop.Send(wire.AsSpan(place), end: source == SourceKind.Raw), token);
        FlowResult result = await flow.WaitAsync(token);
        if (sink == SinkKind.Raw) hop.Outgoing.ShutdownSend();

        Assert.That(result, Is.EqualTo(new FlowResult(FlowEnd.Clean, payload.Length)));
        Assert.That((await receiving.WaitAsync(token)).AsSpan().SequenceEqual(payload), Is.True, "all but the urgent byte came");
    }

    /// <summary>A tunnel is idle when its count stands still: it must not do so while a slow receiver takes what lies in a pipe.</summary>
    [Test]
    [CancelAfter(60_000)]
    public async Task What_a_slow_receiver_takes_is_counted_as_it_goes([Values] SourceKind source, CancellationToken token)
    {
        byte[] payload = Random.Bytes(6_000_000);
        byte[] wire = source == SourceKind.Chunked ? SocketHop.Chunked(payload, static () => 2_000_000) : payload;
        SocketHop hop = Own(await SocketHop.OpenAsync(source, SinkKind.Raw, payload.Length));
        // The receiver's side is small, the sender's side large: that is how much lies in between.
        hop.Outgoing.Socket.SendBufferSize = hop.Receiver.ReceiveBufferSize = 32 * 1024;
        Task<FlowResult> flow = hop.Flow.RunAsync();
        Task sending = Task.Run(() => hop.Send(wire, end: source == SourceKind.Raw), token);

        byte[] buffer = new byte[40_000];
        for (long received = 0; received < payload.Length;)
        {
            received += await hop.Receiver.ReceiveAsync(buffer, token);
            long taken = received;
            await InProcessWait.UntilAsync(() => hop.Flow.Bytes + (64 * 1024) >= taken, $"{taken} bytes to be counted", token);
        }

        Assert.That((await flow.WaitAsync(token)).IsClean, Is.True);
        await sending;
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Bulk_in_chunks_does_not_keep_the_thread(CancellationToken token)
    {
        const int Turn = 4 * 1024 * 1024, Chunks = 3_000;
        byte[] chunk = [.. "186a0\r\n"u8, .. Random.Bytes(100_000), .. "\r\n"u8];
        var counted = new CountingSink.Turn();
        SocketHop hop = Own(await SocketHop.OpenAsync(SourceKind.Chunked, SinkKind.Chunked, 0, wrap: sink => new CountingSink(sink, counted)));
        byte[] buffer = new byte[500_000];
        Task receiving = Task.Run(
            () =>
            {
                while (hop.Receiver.Receive(buffer) > 0) continue;
            },
            token);
        Task sending = Task.Run(
            () =>
            {
                for (int i = 0; i < Chunks; i++) hop.Send(chunk, end: false);
                hop.Send("0\r\n\r\n"u8, end: false);
            },
            token);

        // Each time that the flow waits or gives way its context hears of it, and a turn ends.
        FlowResult result = await counted.Run(hop.Flow.RunAsync).WaitAsync(token);
        hop.Outgoing.ShutdownSend();
        await Task.WhenAll(sending, receiving).WaitAsync(token);

        Assert.That(result, Is.EqualTo(new FlowResult(FlowEnd.Clean, Chunks * 100_000L)));
        // What is copied is not counted: that a flow which copies gives way is shown elsewhere.
        Assert.That(counted.Longest, KernelPipe.IsEnabled ? Is.InRange(1, Turn + (1024 * 1024)) : Is.Zero);
    }
}
