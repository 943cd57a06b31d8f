using System.Globalization;
using System.Text;
using Ptth.Http.Core;

namespace Ptth.Tests.Core;

/// <summary>One chunked body being read, with its result in the vectors' words.</summary>
internal sealed class ChunkReading(HttpLimits limits)
{
    private readonly List<byte> _data = [];
    private readonly List<byte> _verbatim = [];
    private ChunkDecoder _decoder = new(limits);
    private ChunkStep _last = ChunkStep.NeedMore;

    /// <summary>How many bytes the decoder took.</summary>
    public int Taken { get; private set; }

    public bool HasVerdict => _last is ChunkStep.End or ChunkStep.Invalid;

    public byte[] Data => [.. _data];

    /// <summary>Shows more bytes, until the decoder wants more or has its verdict.</summary>
    public ChunkReading Read(ReadOnlySpan<byte> bytes)
    {
        int from = 0;
        do
        {
            ReadOnlySpan<byte> input = bytes[from..];
            _last = _decoder.Next(input, out ChunkPiece piece);
            if (_last == ChunkStep.Data)
                _data.AddRange(input.Slice(piece.DataStart, piece.DataLength));
            if (piece.VerbatimLength > 0)
                AddVerbatim(input, piece);
            from += piece.Consumed;
        }
        while (_last == ChunkStep.Data);

        if (_last == ChunkStep.NeedMore && from != bytes.Length)
            throw new InvalidOperationException($"The decoder wants more, but left {bytes.Length - from} bytes.");
        Taken += from;
        return this;
    }

    /// <summary>What came out, with the chunks that were reported as canonical where <paramref name="withVerbatim"/>.</summary>
    public string Result(bool withVerbatim)
    {
        var text = new StringBuilder();
        if (_data.Count > 0)
            text.Append(CultureInfo.InvariantCulture, $"data {EscapedBytes.Write([.. _data])}\n");
        if (withVerbatim && _verbatim.Count > 0)
            text.Append(CultureInfo.InvariantCulture, $"verbatim {EscapedBytes.Write([.. _verbatim])}\n");
        text.Append(_last switch
        {
            ChunkStep.End => "end",
            ChunkStep.Invalid => string.Create(CultureInfo.InvariantCulture,
                $"invalid {HttpViolations.StatusOf(_decoder.Violation)} {_decoder.Violation}"),
            _ => "need more",
        });
        return text.ToString();
    }

    private void AddVerbatim(ReadOnlySpan<byte> input, ChunkPiece piece)
    {
        // What is called verbatim is what the encoder writes for this piece's data, to the byte.
        byte[] written = new byte[ChunkEncoder.MaxSizeLineBytes];
        int length = ChunkEncoder.WriteSizeLine(written, piece.DataLength);
        byte[] expected = [.. written.AsSpan(0, length), .. input.Slice(piece.DataStart, piece.DataLength), .. ChunkEncoder.Crlf.Span];
        ReadOnlySpan<byte> actual = input.Slice(piece.VerbatimStart, piece.VerbatimLength);
        if (!actual.SequenceEqual(expected) || piece.VerbatimStart + piece.VerbatimLength != piece.Consumed)
            throw new InvalidOperationException("A chunk was called canonical that is not.");
        _verbatim.AddRange(actual);
    }
}
