using Ptth.Http.Core;
using Ptth.Http.Transport;

namespace Ptth.Http.Flow;

/// <summary>Where a flow's bytes come from: a raw stream, or a message body. It takes the payload out of the framing.</summary>
public abstract class FlowSource
{
    private protected FlowSource(ByteChannel channel) => Channel = channel;

    /// <summary>What the bytes are received from.</summary>
    public ByteChannel Channel { get; }

    /// <summary>Whether the end of the channel is the clean end of the stream. For a body it never is.</summary>
    internal abstract bool EndsWithChannel { get; }

    /// <summary>Whether there is nothing to receive at all: a body that is known to be empty.</summary>
    internal virtual bool IsEmpty => false;

    /// <summary>What was wrong, after <see cref="ChunkStep.Invalid"/>.</summary>
    internal virtual HttpViolation Violation => HttpViolation.None;

    /// <summary>Whether bytes are waiting that were received before the flow began.</summary>
    internal virtual bool HasSurplus => false;

    /// <summary>Takes bytes that were received before the flow began; returns how many.</summary>
    internal virtual int TakeSurplus(Span<byte> destination) => 0;

    /// <summary>Bytes that are sure to be payload, from the next one received on; they may go past <see cref="Next"/> and are then told to <see cref="Skip"/>.</summary>
    internal abstract long SpliceableBytes { get; }

    /// <summary>How many of the bytes in <paramref name="ahead"/>, which are yet to be received, are framing in front of payload; more than 0.</summary>
    /// <param name="ahead">Not empty, and not payload: <see cref="SpliceableBytes"/> is 0.</param>
    internal virtual int FramingBytesIn(ReadOnlySpan<byte> ahead) => ahead.Length;

    /// <summary>Payload was moved past <see cref="Next"/>.</summary>
    internal abstract void Skip(int bytes);

    /// <summary>Finds the next piece of payload in <paramref name="input"/>, as <see cref="ChunkDecoder.Next"/> does.</summary>
    internal abstract ChunkStep Next(ReadOnlySpan<byte> input, out ChunkPiece piece);

    /// <summary>The stream has ended cleanly; <paramref name="surplus"/> was received behind its end.</summary>
    internal virtual void End(ReadOnlySpan<byte> surplus)
    {
    }
}
