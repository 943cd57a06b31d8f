using Ptth.Fuzz.Reference;
using Ptth.Http.Core;
using Ptth.Http.Flow;
using Ptth.Http.Transport;

namespace Ptth.Fuzz.Targets;

/// <summary>
/// Records in chunked bodies. The decoder says the same however the bytes are split, and what the reference says; a flow hands on the same
/// payload whatever the chunks are, and ends cleanly only where the stream does; what a sink makes of any bytes is read as these bytes.
/// </summary>
internal sealed class RecordTarget : IFuzzTarget
{
    private readonly List<byte> _expected = [];
    private readonly List<byte> _data = [];
    private readonly List<byte> _wire = [];

    /// <inheritdoc/>
    public string Name => "records";

    /// <inheritdoc/>
    public string Dictionary => "records.dict";

    /// <inheritdoc/>
    public int MaxBytes => 1024;

    /// <inheritdoc/>
    public void Run(ReadOnlySpan<byte> input)
    {
        var splits = new Splits(input);
        foreach (bool marksEnd in (ReadOnlySpan<bool>)[false, true])
        {
            CheckStream(input, marksEnd, ref splits);
            CheckBody(input, marksEnd, ref splits);
            CheckSink(input, marksEnd, ref splits);
        }
    }

    /// <summary>The input is a stream of records: to the decoder as it is, to a flow in random chunks.</summary>
    private void CheckStream(ReadOnlySpan<byte> stream, bool marksEnd, ref Splits splits)
    {
        _expected.Clear();
        bool isClean = NaiveRecords.Read(stream, marksEnd, _expected);
        for (int way = 0; way < 3; way++)
        {
            HttpViolation violation = Decode(stream, marksEnd, way, ref splits);
            if ((violation == HttpViolation.None) != isClean || !_data.SequenceEqual(_expected))
                throw new Finding($"marks {marksEnd}, way {way}: {violation} after {_data.Count} bytes; the reference says {isClean} after {_expected.Count}");
        }

        _wire.Clear();
        for (int at = 0; at < stream.Length;)
        {
            int length = splits.NextPiece(stream.Length - at);
            AddChunk(stream.Slice(at, length));
            at += length;
        }

        _wire.AddRange(ChunkEncoder.LastChunk.Span);
        CheckFlow(marksEnd, isClean, splits);
    }

    /// <summary>The input is the body itself, its chunks included.</summary>
    private void CheckBody(ReadOnlySpan<byte> body, bool marksEnd, ref Splits splits)
    {
        _data.Clear();
        int end = NaiveChunks.Read(body, _data);
        _expected.Clear();
        bool isClean = NaiveRecords.Read(_data.ToArray(), marksEnd, _expected) && end >= 0;
        _wire.Clear();
        _wire.AddRange(body);
        // A flow gets a copy: other pieces than the one before.
        splits.Below(2);
        CheckFlow(marksEnd, isClean, splits);
    }

    /// <summary>The input is a raw stream, received in pieces; a sink puts it into records.</summary>
    private void CheckSink(ReadOnlySpan<byte> payload, bool marksEnd, ref Splits splits)
    {
        var sink = new ScriptedChannel([], 0, null);
        splits.Below(2);
        var source = new RawSource(new ScriptedChannel([payload.ToArray()], 1, splits));
        FlowResult result = Complete.Now(new Flow(source, new RecordSink(sink, marksEnd)).RunAsync());
        if (!result.IsClean || result.Bytes != payload.Length) throw new Finding($"a raw stream: {result}");
        _wire.Clear();
        _wire.AddRange(sink.Sent);
        _expected.Clear();
        _expected.AddRange(payload);
        CheckFlow(marksEnd, isClean: true, splits);
        _data.Clear();
        NaiveChunks.Read(sink.Sent, _data);
        byte[] records = [.. _data];
        _data.Clear();
        if (!NaiveRecords.Read(records, marksEnd, _data) || !_data.SequenceEqual(_expected)) throw new Finding("what the sink sends is not what the reference reads");
        // A body that something ends before the mark.
        if (marksEnd && NaiveRecords.Read(records.AsSpan(0, splits.Below(records.Length)), marksEnd, [])) throw new Finding("a part is taken for the whole");
    }

    private void CheckFlow(bool marksEnd, bool isClean, Splits splits)
    {
        var sink = new ScriptedChannel([], 0, null);
        var connection = new Connection(new ScriptedChannel([[.. _wire]], 1, splits));
        var source = new RecordSource(new ChunkedBodySource(connection, HttpLimits.Default), marksEnd);
        FlowResult result = Complete.Now(new Flow(source, new RawSink(sink)).RunAsync());
        if (result.IsClean != isClean || sink.HasSentEnd != isClean) throw new Finding($"marks {marksEnd}: {result}; the reference says {isClean}");
        // What lies before a violation may or may not have gone.
        ReadOnlySpan<byte> sent = sink.Sent;
        if (sent.Length > _expected.Count || (isClean && sent.Length < _expected.Count) || !_expected[..sent.Length].ToArray().AsSpan().SequenceEqual(sent))
            throw new Finding($"marks {marksEnd}: other payload is handed on: {sent.Length} bytes of {_expected.Count}");
    }

    private HttpViolation Decode(ReadOnlySpan<byte> stream, bool marksEnd, int way, ref Splits splits)
    {
        _data.Clear();
        var decoder = new RecordDecoder(marksEnd);
        for (int at = 0; at < stream.Length;)
        {
            int length = way switch { 0 => stream.Length, 1 => 1, _ => splits.NextPiece(stream.Length - at) };
            ReadOnlySpan<byte> piece = stream.Slice(at, length);
            at += length;
            while (!piece.IsEmpty)
            {
                if (!decoder.TryNext(piece, out int start, out int found)) return decoder.Violation;
                _data.AddRange(piece.Slice(start, found));
                piece = piece[(start + found)..];
            }
        }

        return decoder.EndViolation;
    }

    private void AddChunk(ReadOnlySpan<byte> data)
    {
        Span<byte> line = stackalloc byte[ChunkEncoder.MaxSizeLineBytes];
        _wire.AddRange(line[..ChunkEncoder.WriteSizeLine(line, data.Length)]);
        _wire.AddRange(data);
        _wire.AddRange(ChunkEncoder.Crlf.Span);
    }
}
