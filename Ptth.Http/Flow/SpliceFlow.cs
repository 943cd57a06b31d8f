using System.Buffers;
using System.Runtime.CompilerServices;
using Ptth.Http.Transport;

namespace Ptth.Http.Flow;

/// <summary>How a run of splicing ended.</summary>
internal enum SpliceEnd
{
    /// <summary>The source has nothing more for now.</summary>
    Dry,

    /// <summary>The source had nothing that could be spliced. Where a wait has said that there is something, only a receive passes it.</summary>
    Nothing,

    /// <summary>The source goes on, in pieces that are cheaper to copy, or with framing that must be read; or it has ended.</summary>
    CopyOn,

    /// <summary>No pipe was to be had; nothing was moved.</summary>
    NoPipe,
}

/// <summary>
/// The fast half of a <see cref="Flow"/> between two plain sockets on Linux: payload goes from socket to pipe to socket within the
/// kernel. All framing stays with the copying half: this one moves only bytes that are known to be payload, and writes only size lines.
/// </summary>
/// <code>
///   source socket ──splice──▶ kernel pipe ──splice──▶ destination socket
///                                  │                     ▲
///                                  └─ 16 KiB ─▶ send ────┘   when the destination takes nothing: this waits in the engine
/// </code>
internal sealed class SpliceFlow(FlowSource source, SocketChannel from, FlowSink sink, SocketChannel to)
{
    /// <summary>
    /// What is worth splicing, bytes: below it the three calls cost more than copying does. A piece that is smaller ends the run.
    /// </summary>
    public const int LeastBytes = 32 * 1024;

    /// <summary>Others have its thread after this many bytes, in as many runs as they take: between two chunks a flow may never wait.</summary>
    private const int BytesPerTurn = 4 * 1024 * 1024;

    /// <summary>What is taken out of the pipe by copying, to wait for the destination with.</summary>
    private const int WaitingBytes = 16 * 1024;

    /// <summary>Where the framing between two chunks is looked for, bytes: a size line is seldom more than ten.</summary>
    private const int PeekBytes = 64;

    private long _bytes;
    private int _turn = BytesPerTurn;
    private bool _sending;

    /// <summary>Bytes of payload moved by splicing so far.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Whether a failure was the destination's.</summary>
    public bool IsSending => _sending;

    /// <summary>The fast half of a flow; null where one of the channels is not a plain socket, or the system cannot splice.</summary>
    public static SpliceFlow? TryCreate(FlowSource source, FlowSink sink) =>
        KernelPipe.IsEnabled && source.Channel is SocketChannel from && sink.Channel is SocketChannel to
            ? new SpliceFlow(source, from, sink, to)
            : null;

    /// <summary>
    /// How many bytes of framing can be received that lie in front of the next payload; 0 where the channel has ended, or
    /// <see cref="LinuxSocket.WouldBlock"/>. Payload that is not received can be spliced.
    /// </summary>
    public int FramingBytesReady()
    {
        Span<byte> ahead = stackalloc byte[PeekBytes];
        int seen = LinuxSocket.Peek(from.Socket.SafeHandle, ahead);
        return seen > 0 ? source.FramingBytesIn(ahead[..seen]) : seen;
    }

    /// <summary>Moves payload while there is enough of it.</summary>
    /// <param name="maxBytes">Ends the run, as if the source were dry, before it would go over so many bytes.</param>
    /// <exception cref="IOException">A side failed; see <see cref="IsSending"/>.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<SpliceEnd> RunAsync(int maxBytes)
    {
        KernelPipe? pipe = KernelPipe.TryRent();
        if (pipe is null) return SpliceEnd.NoPipe;
        int inPipe = 0;
        byte[]? waiting = null;
        SpliceEnd whenDry = SpliceEnd.Nothing;
        try
        {
            while (true)
            {
                long payload = source.SpliceableBytes;
                if (payload == 0) return SpliceEnd.CopyOn;
                inPipe = LinuxSplice.FromSocket(from.Socket.SafeHandle, pipe.WriteEnd, Math.Min(KernelPipe.PieceOf(payload, pipe.CapacityBytes), maxBytes));
                if (inPipe == LinuxSplice.WouldBlock)
                {
                    inPipe = 0;
                    return whenDry;
                }

                // The end of the stream; or urgent data (tcp(7)) in front of it, which a receive passes over.
                if (inPipe == 0) return SpliceEnd.CopyOn;
                whenDry = SpliceEnd.Dry;
                int piece = inPipe;
                source.Skip(piece);
                _sending = true;
                ReadOnlyMemory<byte> line = sink.FrameSpliced(piece);
                if (!line.IsEmpty)
                {
                    int sent = Math.Max(0, LinuxSocket.TrySend(to.Socket.SafeHandle, line.Span, isMoreComing: true));
                    if (sent < line.Length) await to.SendAsync(line[sent..]);
                }

                while (inPipe > 0)
                {
                    int moved = LinuxSplice.ToSocket(pipe.ReadEnd, to.Socket.SafeHandle, inPipe);
                    if (moved == LinuxSplice.WouldBlock)
                    {
                        // The engine has no wait for writability; a send that cannot be completed at once is one.
                        waiting ??= ArrayPool<byte>.Shared.Rent(WaitingBytes);
                        moved = LinuxSplice.FromPipe(pipe.ReadEnd, waiting.AsSpan(0, Math.Min(WaitingBytes, inPipe)));
                        await to.SendAsync(waiting.AsMemory(0, moved));
                    }

                    inPipe -= moved;
                    // As it goes: a slow receiver takes minutes for what lies in a pipe, and is not to be taken for an idle one.
                    Volatile.Write(ref _bytes, _bytes + moved);
                }

                _sending = false;
                _turn -= piece;
                maxBytes -= piece;
                // What may still be moved is what decides then, not what was there.
                if (maxBytes < LeastBytes) return SpliceEnd.Dry;
                if (_turn <= 0)
                {
                    await Task.Yield();
                    _turn = BytesPerTurn;
                }

                if (piece < LeastBytes) return SpliceEnd.CopyOn;
            }
        }
        finally
        {
            pipe.Return(isEmpty: inPipe == 0);
            if (waiting is not null) ArrayPool<byte>.Shared.Return(waiting);
        }
    }
}
