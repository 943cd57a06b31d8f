using System.Net.Sockets;
using System.Text;
using NUnit.Framework;
using Ptth.Http.Core;
using Ptth.Http.Flow;
using Ptth.Http.Server;
using Ptth.Http.Transport;
using Ptth.Tests.Support;

namespace Ptth.Tests.Flow;

/// <summary>A flow between two real TCP connections, which is what makes it splice, with the far ends of both.</summary>
internal sealed class SocketHop : IDisposable
{
    /// <summary>Sends what the flow takes in.</summary>
    public required Socket Sender { get; init; }

    /// <summary>Receives what the flow gives out.</summary>
    public required Socket Receiver { get; init; }

    /// <summary>Our end towards the receiver.</summary>
    public required SocketChannel Outgoing { get; init; }

    /// <summary>The flow; it has not begun.</summary>
    public required Http.Flow.Flow Flow { get; init; }

    /// <summary>Our end towards the sender, where it speaks HTTP.</summary>
    public Connection? Incoming { get; private init; }

    /// <summary>Our end towards the sender.</summary>
    public required SocketChannel From { get; init; }

    /// <summary>Makes one. An HTTP sender has sent its head already.</summary>
    /// <param name="source">What the sender speaks.</param>
    /// <param name="sink">What the receiver is spoken to in.</param>
    /// <param name="payloadBytes">The length of the body, where it has one.</param>
    /// <param name="bufferBytes">The size of all kernel buffers; null leaves it to the kernel.</param>
    /// <param name="wrap">Puts something in front of the sink.</param>
    /// <param name="pace">The flow's rates.</param>
    /// <param name="wrapBody">Puts something behind the body.</param>
    public static async Task<SocketHop> OpenAsync(
        SourceKind source, SinkKind sink, int payloadBytes, int? bufferBytes = null, Func<FlowSink, FlowSink>? wrap = null, FlowPace? pace = null,
        Func<BodySource, FlowSource>? wrapBody = null)
    {
        InProcessTcp incoming = InProcessTcp.Connect(bufferBytes), outgoing = InProcessTcp.Connect(bufferBytes);
        var channel = new SocketChannel(outgoing.Ours);
        var from = new SocketChannel(incoming.Ours);
        FlowSink to = sink == SinkKind.Raw ? new RawSink(channel) : new ChunkedSink(channel);
        if (wrap is not null) to = wrap(to);
        Connection? connection = null;
        FlowSource body;
        if (source == SourceKind.Raw)
        {
            body = new RawSource(from);
        }
        else
        {
            string framing = source == SourceKind.Chunked ? "Transfer-Encoding: chunked" : $"Content-Length: {payloadBytes}";
            connection = new Connection(from);
            incoming.Peers.Send(Encoding.ASCII.GetBytes($"POST / HTTP/1.1\r\nHost: a\r\n{framing}\r\n\r\n"));
            var head = new RequestHeadSink(HttpLimits.Default, owner: null);
            Assert.That(await connection.ReadHeadAsync(head), Is.EqualTo(HeadOutcome.Read));
            var bare = BodySource.For(connection, head.Head!.Framing, HttpLimits.Default);
            body = wrapBody is null ? bare : wrapBody(bare);
        }

        return new SocketHop
        {
            Sender = incoming.Peers,
            Receiver = outgoing.Peers,
            Outgoing = channel,
            From = from,
            Flow = new Http.Flow.Flow(body, to, pace),
            Incoming = connection,
        };
    }

    /// <summary>Sends all of <paramref name="bytes"/>, and the end of the stream after them where that is asked for.</summary>
    public void Send(ReadOnlySpan<byte> bytes, bool end)
    {
        while (!bytes.IsEmpty) bytes = bytes[Sender.Send(bytes)..];
        if (end) Sender.Shutdown(SocketShutdown.Send);
    }

    /// <summary>Receives payload until it is complete, or the connection has ended; chunked, until the last chunk.</summary>
    /// <param name="sink">What the flow's receiver is spoken to in.</param>
    /// <param name="payloadBytes">How much there is.</param>
    /// <param name="receiveBytes">How much is received at a time.</param>
    public byte[] Receive(SinkKind sink, int payloadBytes, Func<int> receiveBytes)
    {
        using var payload = new MemoryStream(payloadBytes);
        var decoder = new ChunkDecoder(HttpLimits.Default);
        byte[] buffer = new byte[500_000];
        while (true)
        {
            int received = Receiver.Receive(buffer.AsSpan(0, receiveBytes()));
            if (received == 0) return payload.ToArray();
            ReadOnlySpan<byte> input = buffer.AsSpan(0, received);
            if (sink == SinkKind.Raw)
            {
                payload.Write(input);
                if (payload.Length >= payloadBytes) return payload.ToArray();
                continue;
            }

            ChunkStep step;
            while ((step = decoder.Next(input, out ChunkPiece piece)) == ChunkStep.Data)
            {
                payload.Write(input.Slice(piece.DataStart, piece.DataLength));
                input = input[piece.Consumed..];
            }

            Assert.That(step, Is.Not.EqualTo(ChunkStep.Invalid), "the framing is right");
            if (step == ChunkStep.End) return payload.ToArray();
        }
    }

    /// <summary>The payload in chunks of those sizes, with the last chunk.</summary>
    public static byte[] Chunked(byte[] payload, Func<int> chunkBytes)
    {
        using var wire = new MemoryStream(payload.Length + 100_000);
        for (int at = 0; at < payload.Length;)
        {
            int length = Math.Min(chunkBytes(), payload.Length - at);
            wire.Write(Encoding.ASCII.GetBytes($"{length:x}\r\n"));
            wire.Write(payload.AsSpan(at, length));
            wire.Write("\r\n"u8);
            at += length;
        }

        wire.Write("0\r\n\r\n"u8);
        return wire.ToArray();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Sender.Dispose();
        Receiver.Dispose();
        Outgoing.Dispose();
        From.Dispose();
        Incoming?.Dispose();
    }
}
