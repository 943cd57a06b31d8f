namespace Ptth.Http.Core;

/// <summary>The chunked coding's reader (RFC 9112 section 7.1), without a buffer of its own.</summary>
/// <remarks>
/// <code>
/// chunked-body = *chunk last-chunk trailer-section CRLF
/// chunk        = chunk-size [ chunk-ext ] CRLF chunk-data CRLF
/// chunk-size   = 1*HEXDIG
/// last-chunk   = 1*"0" [ chunk-ext ] CRLF
/// chunk-ext    = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )
///
///            ┌───────────────────── CRLF ─────────────────────┐
///            ▼                                                │
///       SizeStart ─▶ Size ─┬──────────────▶ SizeLf ─┬─▶ Data ─┴─▶ DataCr ─▶ DataLf ─▶ SizeStart
///                          └─▶ extensions ───▲      │
///                                                   └ size 0 ─▶ TrailerStart ─▶ EndLf ─▶ End
///                                                                 ▲      └─▶ TrailerName ─▶ TrailerValue ─▶ TrailerLf ─┐
///                                                                 └────────────────────────────────────────────────────┘
/// </code>
/// <para>
/// A mutable struct: keep it in one place and pass it by reference. Framing is read byte by byte, left to right, so that the verdict
/// does not depend on how the bytes were split; only a plain size line that lies whole in the input is read in one go.
/// A size line ends at CRLF and at nothing else. Extensions and trailers are read by their grammar, bounded and dropped.
/// </para>
/// </remarks>
/// <param name="limits">The bounds.</param>
public partial struct ChunkDecoder(HttpLimits limits)
{
    private readonly HttpLimits _limits = limits;
    private long _remaining;
    private int _lineBytes;
    private int _digits;
    private int _extensionBytes;
    private int _excessBytes;
    private int _trailerBytes;
    private int _trailerFields;
    private State _state;

    /// <summary>Data bytes of the current chunk that have not been seen yet.</summary>
    public readonly long RemainingInChunk => _state == State.Data ? _remaining : 0;

    /// <summary>What was wrong, after <see cref="ChunkStep.Invalid"/>.</summary>
    public HttpViolation Violation { get; private set; }

    /// <summary>
    /// Takes the next step. Call again with the input behind <see cref="ChunkPiece.Consumed"/> until it says NeedMore or End.
    /// After End or Invalid it says the same again and takes nothing.
    /// </summary>
    /// <param name="input">Bytes of the body that no earlier step took.</param>
    /// <param name="piece">What was found in them.</param>
    public ChunkStep Next(ReadOnlySpan<byte> input, out ChunkPiece piece)
    {
        piece = default;
        int at = 0;
        int canonicalStart = -1;
        while (_state != State.Data)
        {
            if (_state is State.End or State.Broken)
                return _state == State.End ? ChunkStep.End : ChunkStep.Invalid;

            if (_state == State.SizeStart && TryTakePlainSizeLine(input[at..], out int length, out bool canonical))
            {
                canonicalStart = canonical ? at : -1;
                at += length;
                break;
            }

            if (at == input.Length)
            {
                piece.Consumed = at;
                return ChunkStep.NeedMore;
            }

            HttpViolation violation = TakeFraming(input[at++]);
            if (violation != HttpViolation.None)
                return Break(violation);
            if (_state == State.End)
            {
                piece.Consumed = at;
                return ChunkStep.End;
            }
        }

        return TakeData(input, at, canonicalStart, ref piece);
    }

    /// <summary>Tells the decoder that data of the current chunk went past it by another way (a kernel pipe).</summary>
    /// <param name="count">How many bytes; at most <see cref="RemainingInChunk"/>.</param>
    public void SkipData(long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, RemainingInChunk);
        if (_state != State.Data)
            return;

        _remaining -= count;
        if (_remaining == 0)
            _state = State.DataCr;
    }

    /// <summary>Takes the data that lies at <paramref name="at"/>, and the CRLF behind it where both its bytes are there too.</summary>
    private ChunkStep TakeData(ReadOnlySpan<byte> input, int at, int canonicalStart, ref ChunkPiece piece)
    {
        int length = (int)Math.Min(_remaining, input.Length - at);
        piece.Consumed = at + length;
        if (length == 0)
            return ChunkStep.NeedMore;

        piece.DataStart = at;
        piece.DataLength = length;
        _remaining -= length;
        if (_remaining > 0)
            return ChunkStep.Data;

        _state = State.DataCr;
        if (input[piece.Consumed..].StartsWith("\r\n"u8))
        {
            _state = State.SizeStart;
            piece.Consumed += 2;
            if (canonicalStart >= 0)
            {
                piece.VerbatimStart = canonicalStart;
                piece.VerbatimLength = piece.Consumed - canonicalStart;
            }
        }

        return ChunkStep.Data;
    }

    /// <summary>
    /// Takes a size line of up to eight digits without extensions whose CRLF is there too and which is not a last chunk's.
    /// Whatever else there is goes the long way.
    /// </summary>
    /// <param name="input">From the line's first byte on.</param>
    /// <param name="length">The line's length with its CRLF.</param>
    /// <param name="canonical">Whether it is the line that <see cref="ChunkEncoder"/> would have written.</param>
    private bool TryTakePlainSizeLine(ReadOnlySpan<byte> input, out int length, out bool canonical)
    {
        const int MostDigits = ChunkEncoder.MaxSizeLineBytes - 2;
        length = 0;
        canonical = true;
        int digits = 0;
        long size = 0;
        for (; digits < input.Length; digits++)
        {
            int value = HttpBytes.HexValue(input[digits]);
            if (value < 0)
                break;
            canonical &= input[digits] is not (>= (byte)'A' and <= (byte)'F');
            size = (size << 4) | (uint)value;
            if (digits == MostDigits)
                return false;
        }

        if (digits > _limits.MaxChunkSizeDigits || size == 0 || !input[digits..].StartsWith("\r\n"u8))
            return false;

        canonical &= input[0] != (byte)'0' && size <= int.MaxValue;
        length = digits + 2;
        _remaining = size;
        _excessBytes = LessTwice(_excessBytes, size);
        _state = State.Data;
        return true;
    }

    private ChunkStep Break(HttpViolation violation)
    {
        Violation = violation;
        _state = State.Broken;
        return ChunkStep.Invalid;
    }

    /// <summary>What is left of an excess that data pays for, two bytes with each of its own.</summary>
    private static int LessTwice(int excess, long size) => size >= excess ? 0 : Math.Max(0, excess - 2 * (int)size);
}
