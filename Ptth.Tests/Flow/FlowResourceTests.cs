using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using NUnit.Framework;
using Ptth.Http.Core;
using Ptth.Http.Flow;
using Ptth.Http.Transport;
using Ptth.Tests.Support;

namespace Ptth.Tests.Flow;

/// <summary>What flows hold, allocate and take from others. Alone, since it counts what the whole process does.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[NonParallelizable]
internal sealed class FlowResourceTests : InProcessTest
{
    private const int BytesPerTurn = 1024 * 1024;

    [Test]
    [CancelAfter(60_000)]
    public async Task Steady_relaying_allocates_nothing([Values] SourceKind source, [Values] SinkKind sink, CancellationToken token)
    {
        const long WarmUp = 8 * 1024 * 1024, Measured = 64 * 1024 * 1024;
        InProcessTcp incoming = InProcessTcp.Connect(), outgoing = InProcessTcp.Connect();
        Own(incoming.Peers);
        Own(outgoing.Peers);
        // What is sent and received here is done by threads of its own with blocking calls, which allocate nothing.
        byte[] unit = source == SourceKind.Chunked ? [.. "4000\r\n"u8, .. new byte[0x4000], .. "\r\n"u8] : new byte[0x4000];
        var sender = new Thread(() => SendForEver(incoming.Peers, source == SourceKind.Chunked, unit));
        var receiver = new Thread(() => ReceiveForEver(outgoing.Peers));
        (FlowSource flowSource, IDisposable owner) = await OpenAsync(incoming, source, token);
        Own(owner);
        var sinkChannel = Own(new SocketChannel(outgoing.Ours));
        var flow = new Http.Flow.Flow(flowSource, sink == SinkKind.Raw ? new RawSink(sinkChannel) : new ChunkedSink(sinkChannel));

        sender.Start();
        receiver.Start();
        Task<FlowResult> running = flow.RunAsync();
        try
        {
            await InProcessWait.UntilAsync(() => flow.Bytes >= WarmUp, "warmed up", token);
            long begin = flow.Bytes, before = GC.GetTotalAllocatedBytes(precise: true);
            while (flow.Bytes < begin + Measured) Thread.Yield();
            long allocated = GC.GetTotalAllocatedBytes(precise: true) - before;

            // Not quite nothing: the test runner has threads of its own.
            Assert.That(allocated, Is.LessThan(64 * 1024), $"for {flow.Bytes - begin} bytes");
        }
        finally
        {
            incoming.Peers.Reset();
            await running.ComesAsync(token);
            sinkChannel.Dispose();
            sender.Join();
            receiver.Join();
        }
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_flow_that_waits_for_bytes_holds_no_buffer([Values(1, 100)] int flows, CancellationToken token)
    {
        // Something to give back to.
        FlowScratch[] rented = [.. Enumerable.Range(0, 4).Select(static _ => FlowScratch.Rent())];
        foreach (FlowScratch scratch in rented) scratch.Return();
        int before = PooledScratch(null);
        List<(InProcessPeer Sender, InProcessPeer Receiver, Task<FlowResult> Flow)> all = [];
        for (int i = 0; i < flows; i++)
        {
            InProcessTcp incoming = InProcessTcp.Connect(), outgoing = InProcessTcp.Connect();
            var flow = new Http.Flow.Flow(new RawSource(Own(new SocketChannel(incoming.Ours))), new ChunkedSink(Own(new SocketChannel(outgoing.Ours))));
            all.Add((Own(new InProcessPeer(incoming.Peers)), Own(new InProcessPeer(outgoing.Peers)), flow.RunAsync()));
        }

        foreach (var (sender, receiver, _) in all)
        {
            await sender.SendAsync("hello", token);
            Assert.That(await receiver.ReadDataAsync(5, token), Is.EqualTo("hello"));
        }

        await InProcessWait.UntilAsync(() => PooledScratch(null) == before, $"{before} buffers in the pool", token);
        Assert.That(all.Any(static one => one.Flow.IsCompleted), Is.False);
        foreach (var (sender, _, flow) in all)
        {
            sender.SendFin();
            Assert.That((await flow.ComesAsync(token)).IsClean, Is.True);
        }

        Assert.That(PooledScratch(null), Is.EqualTo(before));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_wait_that_ended_for_nothing_leaves_no_buffer_behind(
        [Values(SourceKind.Raw, SourceKind.Chunked)] SourceKind source, CancellationToken token)
    {
        FlowScratch.Rent().Return();
        int before = PooledScratch(null);
        using var incoming = new InProcessChannel { WrongWaits = 2 };
        using var outgoing = new InProcessChannel();
        using var connection = new Connection(incoming);
        FlowSource flowSource = source == SourceKind.Raw
            ? new RawSource(incoming)
            : BodySource.For(connection, new BodyFraming(BodyKind.Chunked, 0), HttpLimits.Default);

        Task<FlowResult> running = new Http.Flow.Flow(flowSource, new RawSink(outgoing)).RunAsync();

        Assert.That((running.IsCompleted, incoming.WrongWaits, PooledScratch(null)), Is.EqualTo((false, 0, before)));
        incoming.Abort();
        Assert.That((await running.ComesAsync(token)).End, Is.EqualTo(FlowEnd.SourceFailed));
    }

    [Test]
    public void The_pool_of_buffers_is_bounded()
    {
        FlowScratch[] rented = [.. Enumerable.Range(0, 100).Select(static _ => FlowScratch.Rent())];
        foreach (FlowScratch scratch in rented) scratch.Return();

        Assert.That(PooledScratch(null), Is.EqualTo(32));
        Assert.That(rented.Select(static scratch => scratch.Gather.Count), Is.All.Zero);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task With_so_many_buffers_in_use_further_ones_are_small_and_carry_all_the_same(CancellationToken token)
    {
        FlowScratch[] rented = [.. Enumerable.Range(0, 300).Select(static _ => FlowScratch.Rent())];
        try
        {
            Assert.That(rented.Count(static scratch => scratch.Data.Length == FlowScratch.DataBytes), Is.EqualTo(256));
            Assert.That(rented.Skip(256).Select(static scratch => scratch.Data.Length), Is.All.EqualTo(FlowScratch.SmallDataBytes));
            foreach (SourceKind source in Enum.GetValues<SourceKind>())
                foreach (SinkKind sink in Enum.GetValues<SinkKind>())
                    await FlowCase.Random(Seed, source, sink).AssertArrivesAsync().WaitAsync(token);
        }
        finally
        {
            foreach (FlowScratch scratch in rented) scratch.Return();
        }

        FlowScratch next = FlowScratch.Rent();
        Assert.That(next.Data.Length, Is.EqualTo(FlowScratch.DataBytes));
        next.Return();
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_receiver_that_stops_reading_stops_the_receiving([Values] SinkKind sink, CancellationToken token)
    {
        var gate = new TaskCompletionSource();
        using var source = new InProcessChannel(Enumerable.Repeat(new byte[1_000], 50), ChannelEnd.Fin);
        using var destination = new InProcessChannel { Gate = gate.Task };
        var flow = new Http.Flow.Flow(new RawSource(source), sink == SinkKind.Raw ? new RawSink(destination) : new ChunkedSink(destination));

        Task<FlowResult> running = flow.RunAsync();
        Assert.That((source.Receives, flow.Bytes, running.IsCompleted), Is.EqualTo((1, 0L, false)));
        gate.SetResult();

        Assert.That((await running.ComesAsync(token)).Bytes, Is.EqualTo(50_000));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_stalled_receiver_costs_one_buffer([Values] SinkKind sink, CancellationToken token)
    {
        const int KernelBuffer = 32 * 1024;
        InProcessTcp incoming = InProcessTcp.Connect(KernelBuffer), outgoing = InProcessTcp.Connect(KernelBuffer);
        Own(incoming.Peers);
        Own(outgoing.Peers);
        var flow = new Http.Flow.Flow(
            new RawSource(Own(new SocketChannel(incoming.Ours))),
            sink == SinkKind.Raw ? new RawSink(Own(new SocketChannel(outgoing.Ours))) : new ChunkedSink(Own(new SocketChannel(outgoing.Ours))));
        Task<FlowResult> running = flow.RunAsync();
        var sender = new PatternSender(incoming.Peers, new Pattern(1), token);

        long stalled = await sender.StallsAsync(TimeSpan.FromMilliseconds(150), token);

        // Four kernel buffers, each of which the kernel doubles for its own needs, and one buffer of the flow.
        Assert.That(stalled, Is.LessThan((4 * 2 * KernelBuffer) + (2 * 64 * 1024) + (128 * 1024)));
        outgoing.Peers.Reset();
        Assert.That((await running.ComesAsync(token)).End, Is.EqualTo(FlowEnd.DestinationFailed));
        incoming.Ours.Dispose();
        await sender.Ended.ComesAsync(token);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_busy_flow_gives_way([Values] SinkKind sink, CancellationToken token)
    {
        int testThread = Environment.CurrentManagedThreadId;
        bool starting = true;
        long inOneTurn = 0;
        using var source = new InProcessChannel(Enumerable.Repeat(new byte[64 * 1024], 64), ChannelEnd.Fin)
        {
            OnReceived = bytes =>
            {
                if (starting && Environment.CurrentManagedThreadId == testThread) inOneTurn += bytes;
            },
        };
        using var destination = new InProcessChannel();
        var flow = new Http.Flow.Flow(new RawSource(source), sink == SinkKind.Raw ? new RawSink(destination) : new ChunkedSink(destination));

        Task<FlowResult> running = flow.RunAsync();
        starting = false;

        Assert.That(inOneTurn, Is.EqualTo(BytesPerTurn));
        Assert.That((await running.ComesAsync(token)).Bytes, Is.EqualTo(4 * BytesPerTurn));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Aborting_either_channel_ends_a_flow_that_waits([Values] bool source, CancellationToken token)
    {
        InProcessTcp incoming = InProcessTcp.Connect(), outgoing = InProcessTcp.Connect(16 * 1024);
        var from = Own(new SocketChannel(incoming.Ours));
        var to = Own(new SocketChannel(outgoing.Ours));
        Own(outgoing.Peers);
        var peer = Own(new InProcessPeer(incoming.Peers));
        Task<FlowResult> running = new Http.Flow.Flow(new RawSource(from), new ChunkedSink(to)).RunAsync();
        // For a destination to be waited for, more must be there than its buffers take.
        if (!source) await peer.SendAsync(new byte[500_000], token);

        (source ? from : to).Abort();

        Assert.That((await running.ComesAsync(token)).End, Is.EqualTo(source ? FlowEnd.SourceFailed : FlowEnd.DestinationFailed));
    }

    private static async Task<(FlowSource Source, IDisposable Owner)> OpenAsync(InProcessTcp tcp, SourceKind kind, CancellationToken token)
    {
        if (kind == SourceKind.Raw)
        {
            var channel = new SocketChannel(tcp.Ours);
            return (new RawSource(channel), channel);
        }

        Connection connection = new Connection(new SocketChannel(tcp.Ours));
        string framing = kind == SourceKind.Chunked ? "Transfer-Encoding: chunked" : "Content-Length: 9000000000000";
        await tcp.Peers.SendAllAsync(Encoding.ASCII.GetBytes($"POST / HTTP/1.1\r\nHost: a\r\n{framing}\r\n\r\n"), token);
        var sink = new Http.Server.RequestHeadSink(HttpLimits.Default, owner: null);
        Assert.That(await connection.ReadHeadAsync(sink), Is.EqualTo(HeadOutcome.Read));
        await Task.Yield();
        return (BodySource.For(connection, sink.Head!.Framing, HttpLimits.Default), connection);
    }

    private static void SendForEver(Socket socket, bool wholeUnits, byte[] unit)
    {
        try
        {
            for (int at = 0; ; at = wholeUnits ? (at + socket.Send(unit.AsSpan(at))) % unit.Length : 0)
            {
                if (!wholeUnits) socket.Send(unit);
            }
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException)
        {
            socket.Dispose();
        }
    }

    private static void ReceiveForEver(Socket socket)
    {
        byte[] buffer = new byte[256 * 1024];
        try
        {
            while (socket.Receive(buffer) > 0) continue;
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException)
        {
            socket.Dispose();
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.StaticField, Name = "_pooled")]
    private static extern ref int PooledScratch(FlowScratch? of);
}
