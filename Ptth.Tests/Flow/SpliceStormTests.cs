using System.Net.Sockets;
using NUnit.Framework;
using Ptth.Http.Core;
using Ptth.Http.Flow;
using Ptth.Tests.Core;
using Ptth.Tests.Support;

namespace Ptth.Tests.Flow;

/// <summary>Many flows at once that splice through the same few pipes, some of which break off in the middle.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.Self)]
internal sealed class SpliceStormTests : InProcessTest
{
    private const int Rounds = 4;
    private const int Flows = 24;
    private const int MiB = 1024 * 1024;

    /// <summary>Around all bounds: of a piece that is spliced, of a receive, of a pipe.</summary>
    private static readonly int[] ChunkBytes =
    [
        1, 2, 15, 16, 17, 63, 64, 65, 4_095, 32 * 1024 - 1, 32 * 1024, 32 * 1024 + 1, 64 * 1024 - 1, 64 * 1024, 64 * 1024 + 1, 128 * 1024,
        MiB - 1, MiB, MiB + 1, 3 * MiB,
    ];

    private enum Fate
    {
        Clean,
        SenderResets,
        ReceiverResets,
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Bytes_of_flows_never_mix_and_none_that_breaks_ends_cleanly(CancellationToken token)
    {
        foreach (int seed in Seeds.Rounds(Rounds))
            await Task.WhenAll(Enumerable.Range(0, Flows).Select(index => RunAsync(new Random((seed * Flows) + index), Seeds.Message(seed), token)));
        Assert.That(KernelPipe.Existing, Is.LessThanOrEqualTo(16));
    }

    private static async Task RunAsync(Random random, string message, CancellationToken token)
    {
        var source = (SourceKind)random.Next(3);
        var sink = (SinkKind)random.Next(2);
        var fate = (Fate)(random.Next(6) switch { 0 => Fate.SenderResets, 1 => Fate.ReceiverResets, _ => Fate.Clean });
        byte[] payload = new byte[random.Next(1, 4 * MiB)];
        random.NextBytes(payload);
        byte[] wire = source == SourceKind.Chunked ? SocketHop.Chunked(payload, () => ChunkBytes[random.Next(ChunkBytes.Length)]) : payload;
        int? kernelBuffer = random.Next(3) switch { 0 => 4 * 1024, 1 => 64 * 1024, _ => null };
        // With the smallest buffers each byte takes long.
        if (kernelBuffer == 4 * 1024) wire = wire[..Math.Min(wire.Length, 300_000)];
        bool isCut = source != SourceKind.Raw && wire.Length < payload.Length;
        using SocketHop hop = await SocketHop.OpenAsync(source, sink, payload.Length, kernelBuffer);
        int resetAt = random.Next(wire.Length);
        var sendRandom = new Random(random.Next());
        var receiveRandom = new Random(random.Next());

        Task<FlowResult> flow = RunFlowAsync(hop);
        Task sending = SendAsync(hop.Sender, fate == Fate.SenderResets ? wire.AsMemory(0, resetAt) : wire, sendRandom, token);
        Task<byte[]> receiving = ReceiveAsync(hop.Receiver, fate == Fate.ReceiverResets ? resetAt : int.MaxValue, receiveRandom, token);
        await sending;
        if (fate == Fate.SenderResets) hop.Sender.Close(timeout: 0);
        else if (source == SourceKind.Raw || isCut) hop.Sender.Shutdown(SocketShutdown.Send);
        FlowResult result = await flow.WaitAsync(token);
        // What a broken flow has sent is read to its end, too.
        hop.Outgoing.ShutdownSend();
        byte[] received = await receiving;

        (byte[] arrived, bool ended) = sink == SinkKind.Raw ? (received, result.IsClean) : Decode(received);
        bool breaks = isCut || fate == Fate.SenderResets;
        // A receiver that goes late may go when all of it lies in the kernel's buffers.
        if (fate != Fate.ReceiverResets) Assert.That(result.IsClean, Is.EqualTo(!breaks), $"{source} {sink} {fate} {result} {message}");
        if (breaks) Assert.That(ended, Is.False, $"{source} {sink} {fate} {message}");
        Assert.That(payload.AsSpan().StartsWith(arrived), Is.True, $"{source} {sink} {fate} {arrived.Length} {message}");
        if (fate == Fate.Clean && !breaks) Assert.That(arrived, Has.Length.EqualTo(Math.Min(payload.Length, source == SourceKind.Raw ? wire.Length : payload.Length)));
    }

    private static async Task<FlowResult> RunFlowAsync(SocketHop hop)
    {
        FlowResult result = await hop.Flow.RunAsync();
        // As a tunnel does; otherwise the sender would wait for ever.
        if (!result.IsClean) hop.From.Abort();
        return result;
    }

    /// <summary>The payload that came whole, and whether its end was told.</summary>
    private static (byte[] Payload, bool HasEnded) Decode(ReadOnlySpan<byte> input)
    {
        var payload = new List<byte>();
        var decoder = new ChunkDecoder(HttpLimits.Default);
        ChunkStep step;
        while ((step = decoder.Next(input, out ChunkPiece piece)) == ChunkStep.Data)
        {
            payload.AddRange(input.Slice(piece.DataStart, piece.DataLength));
            input = input[piece.Consumed..];
        }

        Assert.That(step, Is.Not.EqualTo(ChunkStep.Invalid), "the framing is right");
        return ([.. payload], step == ChunkStep.End);
    }

    private static async Task SendAsync(Socket socket, ReadOnlyMemory<byte> bytes, Random random, CancellationToken token)
    {
        try
        {
            while (!bytes.IsEmpty)
            {
                int length = Math.Min(bytes.Length, random.Next(4) == 0 ? random.Next(1, 300) : random.Next(1, 500_000));
                await socket.SendAllAsync(bytes[..length], token);
                bytes = bytes[length..];
                if (random.Next(3) == 0) await Task.Yield();
            }
        }
        catch (SocketException)
        {
            // The flow has ended, and with it the connection.
        }
    }

    private static async Task<byte[]> ReceiveAsync(Socket socket, int resetAt, Random random, CancellationToken token)
    {
        using var all = new MemoryStream();
        byte[] buffer = new byte[200_000];
        try
        {
            while (all.Length < resetAt)
            {
                int received = await socket.ReceiveAsync(buffer.AsMemory(0, random.Next(1, random.Next(2) == 0 ? 2_000 : buffer.Length)), token);
                if (received == 0) return all.ToArray();
                all.Write(buffer, 0, received);
            }
        }
        catch (SocketException)
        {
            return all.ToArray();
        }

        socket.Close(timeout: 0);
        return all.ToArray();
    }
}
