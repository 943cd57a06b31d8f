using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Pipelines.Sockets.Unofficial;

namespace Ptth.Http.Transport;

/// <summary>Makes HTTP connections of plain TCP sockets. The only place that knows the pipeline library.</summary>
public static class SocketTransport
{
    /// <summary>Bytes of a pipe segment: a head of the usual size fits in one, so that it is parsed where it lies.</summary>
    private const int SegmentBytes = 1024;

    private static readonly PipeOptions ReceiveOptions = MakeOptions();
    private static readonly PipeOptions SendOptions = MakeOptions();

    /// <summary>Takes a connected socket over.</summary>
    public static Connection Open(Socket socket)
    {
        var channel = new SocketChannel(socket);
        // ZeroLengthReads: an idle connection holds no segment.
        var pipes = SocketConnection.Create(socket, SendOptions, ReceiveOptions, SocketConnectionOptions.ZeroLengthReads);
        return new Connection(channel, pipes.Input, pipes);
    }

    // Inline: what runs on the socket engine's thread goes on there. A threshold of one byte: see Connection. Sends do not go
    // through the library's pipe: it would be a second way to the same socket, and a slower one.
    private static PipeOptions MakeOptions() => new(
        pool: MemoryPool<byte>.Shared,
        readerScheduler: PipeScheduler.Inline,
        writerScheduler: PipeScheduler.Inline,
        pauseWriterThreshold: 1,
        resumeWriterThreshold: 1,
        minimumSegmentSize: SegmentBytes,
        useSynchronizationContext: false);
}
