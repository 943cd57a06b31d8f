namespace Ptth.Http.Core;

/// <summary>The byte-by-byte half: size lines with extensions, the CRLF behind data, trailers.</summary>
public partial struct ChunkDecoder
{
    /// <summary>What the decoder awaits.</summary>
    private enum State : byte
    {
        /// <summary>The first digit of a size.</summary>
        SizeStart,

        /// <summary>More digits, an extension, or the CR.</summary>
        Size,

        /// <summary>White space was read behind a size or a value: only more of it or a semicolon may follow.</summary>
        BeforeSemicolon,

        /// <summary>An extension's name, perhaps with white space before it.</summary>
        BeforeName,

        /// <summary>More of an extension's name, or what may follow it.</summary>
        Name,

        /// <summary>White space was read behind a name: an equals sign or a semicolon.</summary>
        AfterName,

        /// <summary>An extension's value, perhaps with white space before it.</summary>
        BeforeValue,

        /// <summary>More of a value that is a token, or what may follow it.</summary>
        Value,

        /// <summary>More of a quoted string, or its closing quote.</summary>
        Quoted,

        /// <summary>The byte behind a backslash in a quoted string.</summary>
        Escaped,

        /// <summary>What may follow a quoted string.</summary>
        AfterQuoted,

        /// <summary>The LF of a size line.</summary>
        SizeLf,

        /// <summary>A chunk's data; how much is in <see cref="_remaining"/>.</summary>
        Data,

        /// <summary>The CR behind a chunk's data.</summary>
        DataCr,

        /// <summary>The LF behind a chunk's data.</summary>
        DataLf,

        /// <summary>A trailer field's name, or the CR of the empty line that ends the body.</summary>
        TrailerStart,

        /// <summary>More of a trailer field's name, or its colon.</summary>
        TrailerName,

        /// <summary>More of a trailer field's value, or its CR.</summary>
        TrailerValue,

        /// <summary>The LF of a trailer field's line.</summary>
        TrailerLf,

        /// <summary>The LF of the empty line that ends the body.</summary>
        EndLf,

        /// <summary>Nothing: the body has ended.</summary>
        End,

        /// <summary>Nothing: the framing is broken.</summary>
        Broken,
    }

    /// <summary>Takes one byte of framing; bounds are judged before the byte's meaning.</summary>
    private HttpViolation TakeFraming(byte value)
    {
        if (_state <= State.SizeLf)
            return TakeSizeLine(value);
        if (_state >= State.TrailerStart)
            return ++_trailerBytes > _limits.MaxTrailerBytes ? HttpViolation.TrailersTooLarge : TakeTrailer(value);

        if (value != (_state == State.DataCr ? HttpBytes.CarriageReturn : HttpBytes.LineFeed))
            return HttpViolation.InvalidChunkEnd;
        _state = _state == State.DataCr ? State.DataLf : State.SizeStart;
        return HttpViolation.None;
    }

    private HttpViolation TakeSizeLine(byte value)
    {
        if (_state == State.SizeStart)
        {
            _lineBytes = 0;
            _digits = 0;
            _remaining = 0;
        }

        if (++_lineBytes > _limits.MaxChunkSizeLineBytes)
            return HttpViolation.ChunkSizeLineTooLong;
        if (value == HttpBytes.LineFeed)
            return _state == State.SizeLf ? EndSizeLine() : HttpViolation.BareLineFeed;
        if (_state == State.SizeLf)
            return HttpViolation.BareCarriageReturn;
        if (value == HttpBytes.CarriageReturn && _state is (State.Size or State.Name or State.Value or State.AfterQuoted))
        {
            _state = State.SizeLf;
            return HttpViolation.None;
        }

        if (_state is (State.SizeStart or State.Size) && TakeDigit(value, out HttpViolation violation))
            return violation;
        if (++_extensionBytes > _limits.MaxChunkExtensionBytes)
            return HttpViolation.TooManyChunkExtensions;

        State next = AfterExtensionByte(value);
        if (next == State.Broken)
            return HttpViolation.InvalidChunkExtension;
        _state = next;
        return HttpViolation.None;
    }

    /// <summary>Takes a byte of the size; false where the byte begins an extension instead.</summary>
    private bool TakeDigit(byte value, out HttpViolation violation)
    {
        violation = HttpViolation.None;
        int digit = HttpBytes.HexValue(value);
        if (digit < 0)
        {
            if (_state == State.Size && (value == (byte)';' || HttpBytes.IsWhiteSpace(value)))
                return false;
            violation = HttpViolation.InvalidChunkSize;
        }
        else if (++_digits > _limits.MaxChunkSizeDigits)
        {
            violation = HttpViolation.InvalidChunkSize;
        }
        else if (_remaining > long.MaxValue >> 4)
        {
            violation = HttpViolation.ChunkSizeOverflow;
        }
        else
        {
            _remaining = (_remaining << 4) | (uint)digit;
            _state = State.Size;
        }

        return true;
    }

    /// <summary>The state behind a byte of an extension; <see cref="State.Broken"/> where the byte cannot stand there.</summary>
    private readonly State AfterExtensionByte(byte value)
    {
        bool blank = HttpBytes.IsWhiteSpace(value);
        bool token = HttpBytes.IsTokenByte(value);
        return (_state, value) switch
        {
            (State.Quoted, (byte)'"') => State.AfterQuoted,
            (State.Quoted, (byte)'\\') => State.Escaped,
            (State.Quoted or State.Escaped, _) => HttpBytes.IsControl(value) ? State.Broken : State.Quoted,

            (State.BeforeName or State.Name, _) when token => State.Name,
            (State.BeforeValue or State.Value, _) when token => State.Value,
            (State.BeforeValue, (byte)'"') => State.Quoted,
            (State.Name or State.AfterName, (byte)'=') => State.BeforeValue,
            (State.Size or State.BeforeSemicolon or State.Name or State.AfterName or State.Value or State.AfterQuoted, (byte)';')
                => State.BeforeName,

            (State.BeforeName or State.BeforeValue or State.BeforeSemicolon or State.AfterName, _) when blank => _state,
            (State.Name, _) when blank => State.AfterName,
            (State.Size or State.Value or State.AfterQuoted, _) when blank => State.BeforeSemicolon,
            _ => State.Broken,
        };
    }

    private HttpViolation EndSizeLine()
    {
        _excessBytes = LessTwice(_excessBytes + Math.Max(0, _lineBytes - ChunkEncoder.MaxSizeLineBytes), _remaining);
        if (_excessBytes > _limits.MaxFramingExcessBytes)
            return HttpViolation.ExcessiveFraming;
        _state = _remaining == 0 ? State.TrailerStart : State.Data;
        return HttpViolation.None;
    }

    private HttpViolation TakeTrailer(byte value)
    {
        switch (_state)
        {
            case State.TrailerLf or State.EndLf:
                if (value != HttpBytes.LineFeed)
                    return HttpViolation.BareCarriageReturn;
                _state = _state == State.EndLf ? State.End : State.TrailerStart;
                return HttpViolation.None;

            case State.TrailerStart when value == HttpBytes.CarriageReturn:
                _state = State.EndLf;
                return HttpViolation.None;

            case State.TrailerStart when !HttpBytes.IsTokenByte(value):
                return FieldLineParser.WrongName(value, atLineStart: true, firstLine: _trailerFields == 0);

            case State.TrailerStart:
                _state = State.TrailerName;
                return ++_trailerFields > _limits.MaxTrailerFields ? HttpViolation.TooManyTrailerFields : HttpViolation.None;

            case State.TrailerName when value == (byte)':':
                _state = State.TrailerValue;
                return HttpViolation.None;

            case State.TrailerName:
                return HttpBytes.IsTokenByte(value)
                    ? HttpViolation.None
                    : FieldLineParser.WrongName(value, atLineStart: false, firstLine: false);

            case State.TrailerValue when value == HttpBytes.CarriageReturn:
                _state = State.TrailerLf;
                return HttpViolation.None;

            default:
                return HttpBytes.IsControl(value) ? FieldLineParser.WrongText(value) : HttpViolation.None;
        }
    }
}
