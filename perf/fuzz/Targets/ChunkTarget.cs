using System.Text;
using System.Text.RegularExpressions;
using Ptth.Fuzz.Reference;
using Ptth.Http.Core;
using Ptth.Http.Flow;
using Ptth.Http.Transport;

namespace Ptth.Fuzz.Targets;

/// <summary>
/// Chunked bodies. The decoder says the same however the bytes are split, and what the reference says; what a flow makes of them
/// carries the same data, ends only where they end, and has no framing but its own.
/// </summary>
internal sealed partial class ChunkTarget : IFuzzTarget
{
    /// <summary>Bounds that short inputs reach.</summary>
    private static readonly HttpLimits Narrow = new()
    {
        MaxChunkSizeDigits = 4,
        MaxChunkSizeLineBytes = 24,
        MaxChunkExtensionBytes = 32,
        MaxFramingExcessBytes = 24,
        MaxTrailerBytes = 32,
        MaxTrailerFields = 2,
    };

    private readonly List<byte> _whole = [];
    private readonly List<byte> _again = [];

    /// <inheritdoc/>
    public string Name => "chunks";

    /// <inheritdoc/>
    public string Dictionary => "chunks.dict";

    /// <inheritdoc/>
    public int MaxBytes => 2048;

    /// <inheritdoc/>
    public void Run(ReadOnlySpan<byte> input)
    {
        var splits = new Splits(input);
        DecodeInAllWays(input, Narrow, ref splits);
        (ChunkStep step, int taken, HttpViolation violation) = DecodeInAllWays(input, HttpLimits.Default, ref splits);

        _again.Clear();
        int reference = NaiveChunks.Read(input, _again);
        if ((reference >= 0) != (step == ChunkStep.End) || (reference >= 0 && (reference != taken || !_again.SequenceEqual(_whole))))
            throw new Finding($"the reference ends at {reference}: {step} {taken} {violation}");

        bool hasEnded = step == ChunkStep.End;
        Splits? pieces = splits.Below(2) == 0 ? null : splits;
        CheckChunked(input, pieces, hasEnded);
        CheckRaw(input, pieces, hasEnded);
    }

    private enum PieceLength
    {
        Whole,
        OneByte,
        Random,
    }

    private (ChunkStep Step, int Taken, HttpViolation Violation) DecodeInAllWays(ReadOnlySpan<byte> input, HttpLimits limits, ref Splits splits)
    {
        (ChunkStep, int, HttpViolation) whole = Decode(input, limits, _whole, PieceLength.Whole, ref splits);
        if (Decode(input, limits, _again, PieceLength.OneByte, ref splits) != whole || !_again.SequenceEqual(_whole))
            throw new Finding($"byte by byte it is another: {whole}");
        if (Decode(input, limits, _again, PieceLength.Random, ref splits) != whole || !_again.SequenceEqual(_whole))
            throw new Finding($"in pieces it is another: {whole}");
        return whole;
    }

    private static (ChunkStep Step, int Taken, HttpViolation Violation) Decode(ReadOnlySpan<byte> input, HttpLimits limits, List<byte> data, PieceLength pieces, ref Splits splits)
    {
        data.Clear();
        var decoder = new ChunkDecoder(limits);
        int taken = 0;
        int shown = pieces == PieceLength.Whole ? input.Length : 0;
        while (true)
        {
            ChunkStep step = decoder.Next(input[taken..shown], out ChunkPiece piece);
            if (step == ChunkStep.Data) data.AddRange(input.Slice(taken + piece.DataStart, piece.DataLength));
            taken += piece.Consumed;
            if (step is ChunkStep.End or ChunkStep.Invalid)
                return (step, step == ChunkStep.End ? taken : 0, decoder.Violation);
            if (step == ChunkStep.Data) continue;
            if (taken != shown) throw new Finding("it asks for more and has not taken all");
            if (shown == input.Length) return (step, taken, decoder.Violation);
            shown += pieces == PieceLength.OneByte ? 1 : splits.NextPiece(input.Length - shown);
        }
    }

    private void CheckChunked(ReadOnlySpan<byte> input, Splits? pieces, bool hasEnded)
    {
        var sink = new ScriptedChannel([], 0, null);
        RunFlow(input, pieces, hasEnded, new ChunkedSink(sink));
        _again.Clear();
        int end = NaiveChunks.Read(sink.Sent, _again);
        if ((end == sink.Sent.Length) != hasEnded) throw new Finding($"what is handed on ends at {end} of {sink.Sent.Length}");
        CheckHandedOn(hasEnded);
        if (!OnlyOwnFraming(sink.Sent)) throw new Finding("a size line is not as the relay writes it");
    }

    private void CheckRaw(ReadOnlySpan<byte> input, Splits? pieces, bool hasEnded)
    {
        var sink = new ScriptedChannel([], 0, null);
        RunFlow(input, pieces, hasEnded, new RawSink(sink));
        if (sink.HasSentEnd != hasEnded) throw new Finding("the clean end of a raw stream is not that of the body");
        _again.Clear();
        _again.AddRange(sink.Sent);
        CheckHandedOn(hasEnded);
    }

    /// <summary>All of the data where the body ended, else its beginning: what lies before a violation may or may not have gone.</summary>
    private void CheckHandedOn(bool hasEnded)
    {
        if (_again.Count > _whole.Count || (hasEnded && _again.Count < _whole.Count) || !_again.SequenceEqual(_whole.Take(_again.Count)))
            throw new Finding($"other data is handed on: {_again.Count} bytes of {_whole.Count}");
    }

    private static void RunFlow(ReadOnlySpan<byte> input, Splits? pieces, bool hasEnded, FlowSink sink)
    {
        var connection = new Connection(new ScriptedChannel([input.ToArray()], 1, pieces));
        var source = BodySource.For(connection, new BodyFraming(BodyKind.Chunked, 0), HttpLimits.Default);
        FlowResult result = Complete.Now(new Flow(source, sink).RunAsync());
        if (result.IsClean != hasEnded) throw new Finding($"the flow says {result.End}");
    }

    private static bool OnlyOwnFraming(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int lineEnd = bytes.IndexOf("\r\n"u8);
            if (lineEnd < 0) return false;
            string line = Encoding.Latin1.GetString(bytes[..lineEnd]);
            if (!OwnFraming().IsMatch(line)) return false;
            int length = Convert.ToInt32(line, 16);
            if (length == 0) return bytes[lineEnd..].SequenceEqual("\r\n\r\n"u8);
            if (bytes.Length < lineEnd + 2 + length + 2) return false;
            bytes = bytes[(lineEnd + 2 + length + 2)..];
        }

        return true;
    }

    [GeneratedRegex(@"^(?:0|[1-9a-f][0-9a-f]{0,7})\z")]
    private static partial Regex OwnFraming();
}
