using System.Runtime.CompilerServices;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using Ptth.Http.Core;
using Ptth.Http.Flow;
using Ptth.Http.Server;
using Ptth.Http.Transport;
using Ptth.Tests.Support;

namespace Ptth.Tests.Flow;

/// <summary>
/// Bulk between real sockets, which is what makes a flow splice: pieces of all sizes by turns, so that copying and splicing alternate
/// at every kind of boundary.
/// </summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.Self)]
internal sealed class SpliceFlowTests : InProcessTest
{
    private static readonly int[] ChunkBytes = [1, 17, 1000, 16 * 1024, 65_536, 100_000, 300_000, 1_500_000];

    [Test]
    [CancelAfter(60_000)]
    public async Task Pieces_of_all_sizes_arrive_as_they_were_sent(
        [Values] SourceKind source, [Values] SinkKind sink, [Values(false, true)] bool slowReceiver, CancellationToken token)
    {
        byte[] payload = Random.Bytes(12_000_000 + Random.Int(0, 100_000));
        byte[] behind = source == SourceKind.Raw ? [] : "GET /next HTTP/1.1\r\n"u8.ToArray();
        byte[] wire = Wire(payload, source);
        SocketHop hop = await OpenAsync(source, sink, payload.Length);

        Task<FlowResult> flow = hop.Flow.RunAsync();
        Task sending = Task.Run(() => hop.Send([.. wire, .. behind], end: source == SourceKind.Raw), token);
        byte[] received = await Task.Run(() => hop.Receive(sink, payload.Length, () => slowReceiver ? 3_000 : 500_000), token);
        FlowResult result = await flow.WaitAsync(token);
        await sending;

        using (Assert.EnterMultipleScope())
        {
            Assert.That(received.AsSpan().SequenceEqual(payload), Is.True, "the payload is the same");
            Assert.That(result, Is.EqualTo(new FlowResult(FlowEnd.Clean, payload.Length)));
            Assert.That(hop.Flow.Bytes, Is.EqualTo(payload.Length));
        }

        if (hop.Incoming is null) return;
        var next = new RequestHeadSink(HttpLimits.Default, owner: null);
        hop.Send("Host: a\r\n\r\n"u8.ToArray(), end: false);
        Assert.That(await hop.Incoming.ReadHeadAsync(next), Is.EqualTo(HeadOutcome.Read), "what lay behind the body is read next");
        Assert.That(next.Head!.Target, Is.EqualTo("/next"));
    }

    [Test]
    public void A_piece_goes_whole_through_the_next_pipe_with_a_records_length_in_front([Values(128 * 1024, 1024 * 1024)] int pipe)
    {
        // Payload lies in pages of 4 KiB; a packet of 64 KiB may begin and end within one.
        int piece = KernelPipe.PieceOf(long.MaxValue, pipe);
        int pagesInPart = (RecordDecoder.HeaderBytes + piece) / (64 * 1024) + 1;
        Assert.That(RecordDecoder.HeaderBytes + piece + (pagesInPart * 4096), Is.AtMost(pipe));
        Assert.That(KernelPipe.PieceOf(RecordDecoder.HeaderBytes + piece, pipe), Is.EqualTo(RecordDecoder.HeaderBytes + piece));
        Assert.That((KernelPipe.PieceOf(pipe, pipe), KernelPipe.PieceOf(pipe + 1, pipe)), Is.EqualTo((pipe, piece)));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Bulk_that_is_paced_is_spliced_in_pieces_and_arrives_as_it_was_sent([Values] SourceKind source, [Values] SinkKind sink, CancellationToken token)
    {
        const int Rate = 20_000_000;
        byte[] payload = Random.Bytes(12_000_000);
        var time = new FakeTimeProvider();
        SocketHop hop = await OpenAsync(source, sink, payload.Length, new FlowPace(time, new RateLimit(Rate, time)));
        Task<FlowResult> flow = hop.Flow.RunAsync();
        Task sending = Task.Run(() => hop.Send(Wire(payload, source), end: source == SourceKind.Raw), token);
        Task<byte[]> receiving = Task.Run(() => hop.Receive(sink, payload.Length, static () => 500_000), token);

        DateTimeOffset start = time.GetUtcNow();
        await InProcessWait.UntilAsync(
            () =>
            {
                // An eighth of a second is saved, one more is owed.
                Assert.That(hop.Flow.Bytes, Is.AtMost(((time.GetUtcNow() - start).TotalSeconds + 0.25) * Rate + 200_000));
                if (!flow.IsCompleted) time.Advance(TimeSpan.FromMilliseconds(10));
                return flow.IsCompleted;
            },
            "all of it was moved",
            token);

        Assert.That(await flow, Is.EqualTo(new FlowResult(FlowEnd.Clean, payload.Length)));
        Assert.That((await receiving).AsSpan().SequenceEqual(payload), Is.True, "the payload is the same");
        await sending;
        if (KernelPipe.IsEnabled && source != SourceKind.Chunked) Assert.That(Splice(hop.Flow)!.Bytes, Is.GreaterThan(payload.Length / 4));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_body_that_breaks_off_in_bulk_has_no_clean_end([Values(SourceKind.Chunked, SourceKind.Length)] SourceKind source, CancellationToken token)
    {
        byte[] payload = Random.Bytes(8_000_000);
        byte[] wire = Wire(payload, source);
        SocketHop hop = await OpenAsync(source, SinkKind.Chunked, payload.Length);
        Task<FlowResult> flow = hop.Flow.RunAsync();
        Task<byte[]> receiving = Task.Run(() => hop.Receive(SinkKind.Chunked, payload.Length, static () => 500_000), token);

        await Task.Run(() => hop.Send(wire.AsSpan(0, wire.Length * 3 / 4), end: true), token);
        FlowResult result = await flow.WaitAsync(token);
        hop.Outgoing.ShutdownSend();

        Assert.That(result.End, Is.EqualTo(FlowEnd.SourceFailed));
        Assert.That(await receiving, Has.Length.LessThan(payload.Length));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_destination_that_resets_in_bulk_is_named([Values] SourceKind source, [Values] SinkKind sink, CancellationToken token)
    {
        byte[] payload = Random.Bytes(30_000_000);
        byte[] wire = Wire(payload, source);
        SocketHop hop = await OpenAsync(source, sink, payload.Length);
        Task<FlowResult> flow = hop.Flow.RunAsync();
        Task sending = Task.Run(() => hop.Send(wire, end: false), CancellationToken.None);

        byte[] buffer = new byte[1_000_000];
        for (int left = 4_000_000; left > 0;) left -= await hop.Receiver.ReceiveAsync(buffer.AsMemory(), token);
        hop.Receiver.Close(timeout: 0);

        Assert.That((await flow.WaitAsync(token)).End, Is.EqualTo(FlowEnd.DestinationFailed));
        hop.Sender.Close(timeout: 0);
        // The kernel's buffers may have taken all of it before, or not.
        await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task More_flows_than_there_are_pipes_copy_instead(CancellationToken token)
    {
        const int flows = 40;
        byte[] payload = Random.Bytes(3_000_000);
        SocketHop[] hops = new SocketHop[flows];
        Task<FlowResult>[] running = new Task<FlowResult>[flows];
        for (int i = 0; i < flows; i++)
        {
            hops[i] = await OpenAsync(SourceKind.Raw, SinkKind.Raw, payload.Length);
            running[i] = hops[i].Flow.RunAsync();
        }

        // Nobody receives yet, so that each flow that splices has its pipe full.
        Task[] sending = [.. hops.Select(hop => Task.Run(() => hop.Send(payload, end: true), token))];
        await InProcessWait.UntilAsync(() => hops.All(static hop => hop.Flow.Bytes > 0), "all flows to move bytes", token);
        Assert.That(KernelPipe.Existing, Is.LessThanOrEqualTo(16));
        foreach (SocketHop hop in hops)
        {
            byte[] received = await Task.Run(() => hop.Receive(SinkKind.Raw, payload.Length, static () => 500_000), token);
            Assert.That(received.AsSpan().SequenceEqual(payload), Is.True);
        }

        await Task.WhenAll(sending);
        Assert.That((await Task.WhenAll(running)).Select(static result => result.End), Is.All.EqualTo(FlowEnd.Clean));
    }

    private async Task<SocketHop> OpenAsync(SourceKind source, SinkKind sink, int payloadBytes, FlowPace? pace = null) =>
        Own(await SocketHop.OpenAsync(source, sink, payloadBytes, pace: pace));

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_splice")]
    private static extern ref SpliceFlow? Splice(Http.Flow.Flow flow);

    private byte[] Wire(byte[] payload, SourceKind source) =>
        source == SourceKind.Chunked ? SocketHop.Chunked(payload, () => Random.ArrayElement(ChunkBytes)) : payload;
}
