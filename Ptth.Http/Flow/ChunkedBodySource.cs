using Ptth.Http.Core;
using Ptth.Http.Transport;

namespace Ptth.Http.Flow;

/// <summary>A chunked body; the last chunk is the clean end.</summary>
internal sealed class ChunkedBodySource(Connection connection, HttpLimits limits) : BodySource(connection)
{
    private ChunkDecoder _decoder = new(limits);

    /// <inheritdoc/>
    internal override HttpViolation Violation => _decoder.Violation;

    /// <inheritdoc/>
    internal override ChunkStep Next(ReadOnlySpan<byte> input, out ChunkPiece piece) => _decoder.Next(input, out piece);
}
