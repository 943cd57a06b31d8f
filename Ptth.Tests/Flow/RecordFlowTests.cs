using System.Buffers.Binary;
using Bogus;
using NUnit.Framework;
using Ptth.Http.Core;
using Ptth.Http.Flow;
using Ptth.Http.Transport;
using Ptth.Tests.Core;
using Ptth.Tests.Support;

namespace Ptth.Tests.Flow;

/// <summary>Streams of records: random records in random chunks, received in random pieces; and bulk between real sockets.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal sealed class RecordFlowTests : InProcessTest
{
    private const int Rounds = 150;

    [Test]
    public async Task What_is_in_records_comes_out_however_it_is_chunked([Values] bool marksEnd)
    {
        foreach (int seed in Seeds.Rounds(Rounds))
        {
            Faker faker = Seeds.Faker(seed);
            byte[] payload = faker.Random.Bytes(faker.Random.Number(0, faker.PickRandom(10, 400, 3_000)));
            byte[] stream = [.. Records(faker, payload), .. marksEnd ? RecordDecoder.EndMark : default];

            (FlowResult result, InProcessChannel sink) = await RunAsync(faker, RandomInput.Chunked(faker, stream), ChannelEnd.Never, marksEnd);

            Assert.That(result, Is.EqualTo(new FlowResult(FlowEnd.Clean, payload.Length)), Seeds.Message(seed));
            Assert.That((sink.Sent, sink.HasSentFin), Is.EqualTo((payload, true)), Seeds.Message(seed));
        }
    }

    [Test]
    public async Task A_body_that_ends_inside_a_record_is_broken()
    {
        int broken = 0;
        foreach (int seed in Seeds.Rounds(Rounds))
        {
            Faker faker = Seeds.Faker(seed);
            byte[] payload = faker.Random.Bytes(faker.Random.Number(1, 400));
            byte[] stream = Records(faker, payload);
            byte[] cut = stream[..faker.Random.Number(0, stream.Length - 1)];

            (FlowResult result, InProcessChannel sink) = await RunAsync(faker, RandomInput.Chunked(faker, cut), ChannelEnd.Never);

            bool isWhole = IsAtBoundary(cut);
            if (!isWhole) broken++;
            FlowResult expected = isWhole ? new(FlowEnd.Clean, result.Bytes) : new(FlowEnd.SourceInvalid, result.Bytes, HttpViolation.RecordCutOff);
            Assert.That(result, Is.EqualTo(expected), Seeds.Message(seed));
            Assert.That(sink.HasSentFin, Is.EqualTo(isWhole), Seeds.Message(seed));
            Assert.That(payload.AsSpan().StartsWith(sink.Sent), Is.True, Seeds.Message(seed));
        }

        Assert.That(broken, Is.GreaterThan(Rounds / 2));
    }

    /// <remarks>As an intermediary passes it on that makes a clean end of a break.</remarks>
    [Test]
    public async Task A_body_that_ends_without_the_mark_is_broken_wherever_it_ends()
    {
        int unmarked = 0;
        foreach (int seed in Seeds.Rounds(Rounds))
        {
            Faker faker = Seeds.Faker(seed);
            byte[] payload = faker.Random.Bytes(faker.Random.Number(1, 400));
            byte[] stream = [.. Records(faker, payload), .. RecordDecoder.EndMark];
            byte[] cut = stream[..faker.Random.Number(0, stream.Length - 1)];

            (FlowResult result, InProcessChannel sink) = await RunAsync(faker, RandomInput.Chunked(faker, cut), ChannelEnd.Never, marksEnd: true);

            bool isAtBoundary = IsAtBoundary(cut);
            if (isAtBoundary) unmarked++;
            HttpViolation violation = isAtBoundary ? HttpViolation.EndNotMarked : HttpViolation.RecordCutOff;
            Assert.That(result, Is.EqualTo(new FlowResult(FlowEnd.SourceInvalid, result.Bytes, violation)), Seeds.Message(seed));
            Assert.That(sink.HasSentFin, Is.False, Seeds.Message(seed));
            Assert.That(payload.AsSpan().StartsWith(sink.Sent), Is.True, Seeds.Message(seed));
        }

        Assert.That(unmarked, Is.GreaterThan(0));
    }

    [Test]
    public async Task A_body_that_goes_on_behind_the_mark_is_broken()
    {
        byte[] wire = RandomInput.Chunked(Seeds.Faker(1), [0, 0, 0, 1, (byte)'a', .. RecordDecoder.EndMark, 0, 0, 0, 1, (byte)'b']);
        (FlowResult result, InProcessChannel sink) = await RunAsync(Seeds.Faker(1), wire, ChannelEnd.Never, marksEnd: true);

        Assert.That(result, Is.EqualTo(new FlowResult(FlowEnd.SourceInvalid, result.Bytes, HttpViolation.RecordBehindEnd)));
        Assert.That((sink.HasSentFin, "a"u8.StartsWith(sink.Sent)), Is.EqualTo((false, true)));
    }

    [Test]
    public async Task A_mark_is_not_enough_where_the_body_does_not_end([Values(ChannelEnd.Fin, ChannelEnd.Reset)] ChannelEnd end)
    {
        (FlowResult result, InProcessChannel sink) = await RunAsync(Seeds.Faker(1), [.. "4\r\n"u8, .. RecordDecoder.EndMark, .. "\r\n"u8], end, marksEnd: true);

        Assert.That((result, sink.HasSentFin), Is.EqualTo((new FlowResult(FlowEnd.SourceFailed, 0), false)));
    }

    [Test]
    public async Task A_connection_that_breaks_is_broken_at_a_boundary_too([Values(ChannelEnd.Fin, ChannelEnd.Reset)] ChannelEnd end)
    {
        Faker faker = Seeds.Faker(1);
        (FlowResult result, InProcessChannel sink) = await RunAsync(faker, [.. "5\r\n"u8, 0, 0, 0, 1, (byte)'a', .. "\r\n"u8], end);

        Assert.That(result, Is.EqualTo(new FlowResult(FlowEnd.SourceFailed, 1)));
        Assert.That((sink.Sent, sink.HasSentFin), Is.EqualTo(("a"u8.ToArray(), false)));
    }

    [Test]
    public async Task A_length_beyond_the_bound_is_no_record()
    {
        (FlowResult result, _) = await RunAsync(Seeds.Faker(1), [.. "4\r\n"u8, 0x80, 0, 0, 0, .. "\r\n"u8], ChannelEnd.Never);

        Assert.That(result, Is.EqualTo(new FlowResult(FlowEnd.SourceInvalid, 0, HttpViolation.RecordTooLong)));
    }

    [Test]
    public async Task Each_piece_leaves_as_one_record_in_one_chunk_in_one_segment([Values] bool marksEnd)
    {
        using var from = new InProcessChannel(["ab"u8.ToArray(), "c"u8.ToArray()], ChannelEnd.Fin);
        using var to = new InProcessChannel();

        FlowResult result = await new Http.Flow.Flow(new RawSource(from), new RecordSink(to, marksEnd)).RunAsync();

        Assert.That(result, Is.EqualTo(new FlowResult(FlowEnd.Clean, 3)), "lengths do not count");
        byte[] mark = marksEnd ? [.. "4\r\n"u8, 0xff, 0xff, 0xff, 0xff, .. "\r\n"u8] : [];
        Assert.That(to.Sent, Is.EqualTo((byte[])[.. "6\r\n"u8, 0, 0, 0, 2, .. "ab\r\n5\r\n"u8, 0, 0, 0, 1, .. "c\r\n"u8, .. mark, .. "0\r\n\r\n"u8]));
        Assert.That(to.MostSegments, Is.EqualTo(1));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Bulk_through_both_ends_and_one_that_chunks_anew_arrives_as_it_was_sent([Values(false, true)] bool slowReceiver, CancellationToken token)
    {
        byte[] payload = Random.Bytes(12_000_000 + Random.Int(0, 100_000));
        SocketHop sender = Own(await SocketHop.OpenAsync(SourceKind.Raw, SinkKind.Chunked, payload.Length, wrap: static sink => new RecordSink(sink.Channel, marksEnd: true)));
        SocketHop relay = Own(await SocketHop.OpenAsync(SourceKind.Chunked, SinkKind.Chunked, payload.Length));
        SocketHop receiver = Own(await SocketHop.OpenAsync(SourceKind.Chunked, SinkKind.Raw, payload.Length, wrapBody: static body => new RecordSource((ChunkedBodySource)body, marksEnd: true)));
        Task<FlowResult>[] flows = [sender.Flow.RunAsync(), relay.Flow.RunAsync(), receiver.Flow.RunAsync()];
        Task sending = Task.Run(() => sender.Send(payload, end: true), token);
        Task[] passing = [PassAsync(sender, relay, token), PassAsync(relay, receiver, token)];

        byte[] received = await Task.Run(() => receiver.Receive(SinkKind.Raw, payload.Length, () => slowReceiver ? 3_000 : 500_000), token);

        Assert.That(received.AsSpan().SequenceEqual(payload), Is.True, "the payload is the same");
        await sending;
        await Task.WhenAll(passing);
        FlowResult[] results = await Task.WhenAll(flows).WaitAsync(token);
        Assert.That((results[0], results[2]), Is.EqualTo((new FlowResult(FlowEnd.Clean, payload.Length), new FlowResult(FlowEnd.Clean, payload.Length))));
        Assert.That(results[1].Bytes, Is.GreaterThan(payload.Length), "to whoever is in between, lengths are bytes");
    }

    /// <remarks>They come from the other party, whoever that is: 4 bytes of it must not cost what 64 KiB of payload do.</remarks>
    [Test]
    [CancelAfter(60_000)]
    public async Task Records_without_payload_cost_no_more_than_their_bytes(CancellationToken token)
    {
        const int Bytes = 8 * 1024 * 1024;
        byte[] wire = SocketHop.Chunked([.. new byte[Bytes], 0, 0, 0, 1, (byte)'a'], static () => Bytes / 4);
        CountingSource? counted = null;
        SocketHop hop = Own(await SocketHop.OpenAsync(
            SourceKind.Chunked, SinkKind.Raw, 1, wrapBody: body => counted = new CountingSource(new RecordSource((ChunkedBodySource)body, marksEnd: false))));
        Task<FlowResult> flow = Task.Run(hop.Flow.RunAsync, token);
        await Task.Run(() => hop.Send(wire, end: false), token);

        Assert.That(await flow.WaitAsync(token), Is.EqualTo(new FlowResult(FlowEnd.Clean, 1)));
        // One behind each buffer that was filled; buffers of some sizes are.
        Assert.That(counted!.Looks, Is.LessThan(2 * Bytes / (8 * 1024)));
    }

    /// <summary>The wire between two hops; it splits what it carries as it likes.</summary>
    private static Task PassAsync(SocketHop from, SocketHop to, CancellationToken token) => Task.Run(
        () =>
        {
            byte[] buffer = new byte[70_001];
            while (true)
            {
                int received = from.Receiver.Receive(buffer);
                to.Send(buffer.AsSpan(0, received), end: false);
                if (buffer.AsSpan(0, received).EndsWith("0\r\n\r\n"u8)) return;
            }
        },
        token);

    private async Task<(FlowResult Result, InProcessChannel Sink)> RunAsync(Faker faker, byte[] wire, ChannelEnd end, bool marksEnd = false)
    {
        List<byte[]> pieces = [];
        for (int at = 0; at < wire.Length;)
        {
            int length = Math.Min(wire.Length - at, faker.Random.Number(1, faker.PickRandom(1, 10, 500)));
            pieces.Add(wire[at..(at + length)]);
            at += length;
        }

        InProcessChannel channel = Own(new InProcessChannel(pieces, end)), sink = Own(new InProcessChannel());
        (Connection connection, BodyFraming _) = await InProcessConnection.BehindHeadAsync(channel, "Transfer-Encoding: chunked", default);
        var source = new RecordSource(new ChunkedBodySource(Own(connection), HttpLimits.Default), marksEnd);
        return (await new Http.Flow.Flow(source, new RawSink(sink)).RunAsync(), sink);
    }

    private static byte[] Records(Faker faker, byte[] payload)
    {
        var stream = new List<byte>();
        for (int at = 0; at < payload.Length;)
        {
            int length = faker.Random.Number(0, 4) == 0 ? 0 : Math.Min(payload.Length - at, faker.Random.Number(1, 100));
            byte[] header = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(header, length);
            stream.AddRange(header);
            stream.AddRange(payload.AsSpan(at, length));
            at += length;
        }

        return [.. stream];
    }

    private static bool IsAtBoundary(ReadOnlySpan<byte> stream)
    {
        while (stream.Length >= 4)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(stream);
            if (stream.Length < 4 + length) return false;
            stream = stream[(4 + length)..];
        }

        return stream.IsEmpty;
    }
}
