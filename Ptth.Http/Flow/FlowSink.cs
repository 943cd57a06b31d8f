using Ptth.Http.Core;
using Ptth.Http.Transport;

namespace Ptth.Http.Flow;

/// <summary>Where a flow's bytes go: a raw stream, or a chunked body. It puts the framing around the payload, in place.</summary>
public abstract class FlowSink
{
    private volatile bool _isEnding;

    private protected FlowSink(ByteChannel channel) => Channel = channel;

    /// <summary>What the bytes are sent on.</summary>
    public ByteChannel Channel { get; }

    /// <summary>Whether the clean end is being sent or has been. After that the peer may close whenever it likes.</summary>
    public bool IsEnding => _isEnding;

    /// <summary>The most segments that one <see cref="Add"/> takes.</summary>
    internal const int MaxSegmentsPerPiece = 3;

    /// <summary>Puts one piece of payload into the gather list of <paramref name="scratch"/>.</summary>
    /// <param name="scratch">The buffer that the piece lies in.</param>
    /// <param name="piece">The piece, its positions relative to <paramref name="inputStart"/>.</param>
    /// <param name="inputStart">Where in the buffer the decoder's input began.</param>
    /// <param name="inputEnd">Where in the buffer the received bytes end; what lies behind is free.</param>
    internal abstract void Add(FlowScratch scratch, in ChunkPiece piece, int inputStart, int inputEnd);

    /// <summary>The framing in front of a piece that is spliced; empty where there is none. Valid until the next call.</summary>
    internal abstract ReadOnlyMemory<byte> FrameSpliced(int pieceBytes);

    /// <summary>Whether framing behind a spliced piece is still to be sent, with what comes next or before the flow waits.</summary>
    internal abstract bool OwesFraming { get; }

    /// <summary>Puts the framing that is owed into the gather list.</summary>
    internal abstract void AddOwedFraming(FlowScratch scratch);

    /// <summary>Puts the framing of the clean end into the gather list, where there is any.</summary>
    internal void AddEnd(FlowScratch scratch)
    {
        _isEnding = true;
        AddEndFraming(scratch);
    }

    private protected abstract void AddEndFraming(FlowScratch scratch);

    /// <summary>All is sent and the stream has ended cleanly.</summary>
    internal abstract void End();
}
