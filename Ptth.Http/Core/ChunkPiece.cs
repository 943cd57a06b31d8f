namespace Ptth.Http.Core;

/// <summary>What the chunk decoder found next.</summary>
public enum ChunkStep
{
    /// <summary>All of the input was taken and it ended inside framing, or before a chunk's next data (or it was empty).</summary>
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

    /// <summary>The length of that whole chunk, or 0 where the piece is not one. Never that of a last chunk or a trailer.</summary>
    public int VerbatimLength { get; internal set; }
}
