namespace Ptth.Http.Core;

/// <summary>What the chunk decoder found next.</summary>
public enum ChunkStep
{
    /// <summary>All of the input was taken and it ended inside framing (or it was empty).</summary>
    NeedMore,

    /// <summary>A piece of the body's data; see <see cref="ChunkPiece"/>.</summary>
    Data,

    /// <summary>The body has ended, last chunk and trailers included; what follows belongs to the next message.</summary>
    End,

    /// <summary>The framing is broken; see <see cref="ChunkDecoder.Violation"/>.</summary>
    Invalid,
}

/// <summary>Where in the input a step's bytes lie.</summary>
public struct ChunkPiece
{
    /// <summary>How many bytes of the input the step took, framing included.</summary>
    public int Consumed { get; internal set; }

    /// <summary>Where the data begins in the input.</summary>
    public int DataStart { get; internal set; }

    /// <summary>How many bytes of data there are; more than 0 for <see cref="ChunkStep.Data"/>.</summary>
    public int DataLength { get; internal set; }

    /// <summary>
    /// Where a whole chunk (size line, data, CRLF) begins that lies in the input exactly as <see cref="ChunkEncoder"/> would
    /// have written it; meaningful where <see cref="VerbatimLength"/> is more than 0.
    /// </summary>
    public int VerbatimStart { get; internal set; }

    /// <summary>The length of that whole chunk, or 0 where the piece is not one.</summary>
    public int VerbatimLength { get; internal set; }
}

/// <summary>The chunked coding's reader (RFC 9112 section 7.1), without a buffer of its own.</summary>
public struct ChunkDecoder
{
    /// <summary>A decoder at the start of a body.</summary>
    public ChunkDecoder(HttpLimits limits) => throw new NotImplementedException();

    /// <summary>Data bytes of the current chunk that have not been seen yet.</summary>
    public readonly long RemainingInChunk => throw new NotImplementedException();

    /// <summary>What was wrong, after <see cref="ChunkStep.Invalid"/>.</summary>
    public readonly HttpViolation Violation => throw new NotImplementedException();

    /// <summary>Takes the next step. Call again with the input behind <see cref="ChunkPiece.Consumed"/> until it says NeedMore or End.</summary>
    public ChunkStep Next(ReadOnlySpan<byte> input, out ChunkPiece piece) => throw new NotImplementedException();

    /// <summary>Tells the decoder that data of the current chunk went past it by another way (a kernel pipe).</summary>
    /// <param name="count">How many bytes; at most <see cref="RemainingInChunk"/>.</param>
    public void SkipData(long count) => throw new NotImplementedException();
}
