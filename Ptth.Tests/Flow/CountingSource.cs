using Ptth.Http.Core;
using Ptth.Http.Flow;

namespace Ptth.Tests.Flow;

/// <summary>A source in front of another one that counts how often framing is looked for by itself, which costs two system calls each time.</summary>
internal sealed class CountingSource(FlowSource inner) : FlowSource(inner.Channel)
{
    /// <summary>How often that was.</summary>
    public int Looks { get; private set; }

    /// <inheritdoc/>
    internal override bool EndsWithChannel => inner.EndsWithChannel;

    /// <inheritdoc/>
    internal override bool IsEmpty => inner.IsEmpty;

    /// <inheritdoc/>
    internal override HttpViolation Violation => inner.Violation;

    /// <inheritdoc/>
    internal override bool HasSurplus => inner.HasSurplus;

    /// <inheritdoc/>
    internal override int TakeSurplus(Span<byte> destination) => inner.TakeSurplus(destination);

    /// <inheritdoc/>
    internal override long SpliceableBytes => inner.SpliceableBytes;

    /// <inheritdoc/>
    internal override int FramingBytesIn(ReadOnlySpan<byte> ahead)
    {
        Looks++;
        return inner.FramingBytesIn(ahead);
    }

    /// <inheritdoc/>
    internal override void Skip(int bytes) => inner.Skip(bytes);

    /// <inheritdoc/>
    internal override ChunkStep Next(ReadOnlySpan<byte> input, out ChunkPiece piece) => inner.Next(input, out piece);

    /// <inheritdoc/>
    internal override void End(ReadOnlySpan<byte> surplus) => inner.End(surplus);
}
