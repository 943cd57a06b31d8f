using System.Globalization;
using System.Text;
using NUnit.Framework;
using Ptth.Http.Core;
using Ptth.Http.Flow;
using Ptth.Http.Transport;
using Ptth.Tests.Support;

namespace Ptth.Tests.Flow;

/// <summary>Every place where framing and a receive's edge can meet.</summary>
[Parallelizable(ParallelScope.All)]
internal sealed class FlowBoundaryTests
{
    private const int Buffer = 64 * 1024;

    [Test]
    public async Task Every_pair_of_split_points([Values] SinkKind sink)
    {
        byte[] wire = "5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n"u8.ToArray();
        for (int first = 0; first <= wire.Length; first++)
        {
            for (int second = first; second <= wire.Length; second++)
                await Case(wire, "hello!", sink, first, second).AssertArrivesAsync($"split at {first} and {second}");
        }
    }

    [TestCase("A\r\n0123456789\r\n0\r\n\r\n", "0123456789")]
    [TestCase("0000000a\r\n0123456789\r\n0\r\n\r\n", "0123456789")]
    [TestCase("a;x\r\n0123456789\r\n0;y=z\r\n\r\n", "0123456789")]
    [TestCase("a;n=\"q\\\"\"\r\n0123456789\r\n00\r\n\r\n", "0123456789")]
    [TestCase("a\r\n0123456789\r\n0\r\nTrailer: secret\r\nAnother: one\r\n\r\n", "0123456789")]
    [TestCase("1\r\na\r\n01\r\nb\r\n1\r\nc\r\n1;x\r\nd\r\n1\r\ne\r\n0\r\n\r\n", "abcde")]
    [TestCase("0\r\n\r\n", "")]
    [TestCase("000\r\nA: b\r\n\r\n", "")]
    public async Task Nothing_of_the_senders_framing_arrives(string wire, string payload)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(wire);
        for (int split = 0; split <= bytes.Length; split++)
        {
            await Case(bytes, payload, SinkKind.Chunked, 0, split).AssertArrivesAsync($"split at {split}");
            await Case(bytes, payload, SinkKind.Raw, 0, split).AssertArrivesAsync($"split at {split}");
        }
    }

    [Test]
    public async Task A_chunk_that_ends_near_the_buffers_edge([Values] SinkKind sink, [Values("{0:x}", "{0:X}", "{0:x8}", "{0:x};e")] string format)
    {
        for (int distance = -14; distance <= 14; distance++)
        {
            int size = Buffer + distance;
            var flow = ChunksOf([size, 3, 100_000, 1], format, sink);
            await flow.AssertArrivesAsync($"{size} bytes");
        }
    }

    [Test]
    public async Task A_second_chunk_that_begins_near_the_buffers_edge([Values] SinkKind sink)
    {
        for (int distance = -30; distance <= 5; distance++)
            await ChunksOf([Buffer + distance, 200_000, 7], "{0:x}", sink).AssertArrivesAsync($"{distance} from the edge");
    }

    [Test]
    public async Task Small_chunks_with_padding_do_not_cost_a_send_each([Values] SinkKind sink, [Values("{0:x8}", "{0:x};e")] string format)
    {
        const int Count = 8_000;
        FlowCase flow = ChunksOf([.. Enumerable.Repeat(1, Count)], format, sink);
        await flow.AssertArrivesAsync();

        // Each receive leaves in one send.
        Assert.That(flow.Out.Sends, Is.LessThanOrEqualTo((13 * Count / Buffer) + 3));
    }

    [Test]
    public async Task A_raw_source_that_fills_its_buffers([Values(Buffer - 1, Buffer, Buffer + 1, 3 * Buffer)] int bytes, [Values] SinkKind sink)
    {
        byte[] payload = Payload(bytes);
        var flow = new FlowCase { Payload = payload, Wire = payload, Sink = sink, End = ChannelEnd.Fin };
        await flow.AssertArrivesAsync();
        Assert.That(flow.Out.MostSegments, Is.LessThanOrEqualTo(1), "size line, data and CRLF are one segment of one buffer");
    }

    [Test]
    public async Task A_length_that_ends_at_the_buffers_edge([Range(-3, 3)] int distance, [Values] SinkKind sink)
    {
        byte[] payload = Payload(Buffer + distance);
        foreach (string behind in new[] { "", "\r", "\r\n", "\r\nG", "GET / HTTP/1.1\r\n" })
        {
            var flow = new FlowCase
            {
                Payload = payload,
                Wire = payload,
                Behind = Encoding.ASCII.GetBytes(behind),
                Source = SourceKind.Length,
                Sink = sink,
            };
            await flow.AssertArrivesAsync($"with \"{behind}\" behind it");
        }
    }

    [Test]
    public async Task A_body_that_came_with_its_head([Values(SourceKind.Chunked, SourceKind.Length)] SourceKind source, [Values] SinkKind sink)
    {
        byte[] wire = source == SourceKind.Chunked ? "3\r\nabc\r\n0\r\n\r\n"u8.ToArray() : "abc"u8.ToArray();
        var flow = new FlowCase { Payload = "abc"u8.ToArray(), Wire = wire, Behind = "GET /"u8.ToArray(), Cuts = [wire.Length + 5], Source = source, Sink = sink };

        await flow.AssertArrivesAsync();
    }

    [Test]
    public async Task A_body_of_no_bytes_ends_at_once([Values] SinkKind sink, [Values(0, 2, 5)] int cameWithTheHead)
    {
        var flow = new FlowCase { Payload = [], Wire = [], Behind = "GET /"u8.ToArray(), Cuts = [cameWithTheHead], Source = SourceKind.Length, Sink = sink };
        await flow.AssertArrivesAsync();
    }

    [Test]
    public async Task Many_chunks_of_one_byte_leave_in_few_sends([Values] SinkKind sink)
    {
        const int Count = 20_000;
        FlowCase flow = ChunksOf([.. Enumerable.Repeat(1, Count)], "{0:x}", sink);
        await flow.AssertArrivesAsync();

        // Six bytes each: what was received at once is sent at once.
        Assert.That(flow.Out.Sends, Is.LessThanOrEqualTo((6 * Count / Buffer) + 3));
        Assert.That(flow.Out.MostSegments, Is.LessThanOrEqualTo(2));
    }

    [Test]
    public async Task Many_chunks_that_must_be_framed_anew([Values] SinkKind sink, [Values("{0:X}", "{0:x4}", "{0:x};a")] string format)
    {
        FlowCase flow = ChunksOf([.. Enumerable.Range(0, 4_000).Select(static i => 1 + (i % 40))], format, sink);
        await flow.AssertArrivesAsync();
        Assert.That(flow.Out.MostSegments, Is.LessThanOrEqualTo(GatherList.MaxSegments));
    }

    [Test]
    public async Task Whole_canonical_chunks_go_out_as_they_came()
    {
        FlowCase flow = ChunksOf([1, 10, 16, 1_000, 4_096, 20_000], "{0:x}", SinkKind.Chunked);
        await flow.AssertArrivesAsync();

        Assert.That(flow.Out.Sent.AsSpan().SequenceEqual(flow.Wire), Is.True);
        Assert.That((flow.Out.Sends, flow.Out.MostSegments), Is.EqualTo((1, 2)), "one run, and the last chunk");
    }

    [TestCase("5\r\nhelloX", HttpViolation.InvalidChunkEnd)]
    [TestCase("5\r\nhello\rX", HttpViolation.InvalidChunkEnd)]
    [TestCase("5\r\nhello\n", HttpViolation.InvalidChunkEnd)]
    [TestCase("5\r\nhello\r\n-1\r\n", HttpViolation.InvalidChunkSize)]
    [TestCase("5\r\nhello\r\n\r\n", HttpViolation.InvalidChunkSize)]
    [TestCase("5\nhello\r\n", HttpViolation.BareLineFeed)]
    [TestCase("8000000000000000\r\n", HttpViolation.ChunkSizeOverflow)]
    [TestCase("5;;\r\nhello\r\n", HttpViolation.InvalidChunkExtension)]
    [TestCase("0\r\nNo colon\r\n\r\n", HttpViolation.WhiteSpaceInFieldName)]
    public async Task Broken_framing_is_named_and_ends_nothing(string wire, HttpViolation violation)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(wire);
        foreach (SinkKind sink in Enum.GetValues<SinkKind>())
        {
            for (int split = 0; split <= bytes.Length; split++)
            {
                FlowCase flow = Case(bytes, "hello", sink, 0, split);
                FlowResult result = await flow.RunAsync();

                Assert.That((result.End, result.Violation), Is.EqualTo((FlowEnd.SourceInvalid, violation)), $"split at {split}");
                flow.AssertBrokenOff($"split at {split}");
            }
        }
    }

    private static FlowCase Case(byte[] wire, string payload, SinkKind sink, int first, int second) => new()
    {
        Payload = Encoding.ASCII.GetBytes(payload),
        Wire = wire,
        Cuts = [first, second],
        Source = SourceKind.Chunked,
        Sink = sink,
    };

    /// <summary>Chunks of those sizes, all there at once, each size line in that format.</summary>
    private static FlowCase ChunksOf(int[] sizes, string format, SinkKind sink)
    {
        var line = CompositeFormat.Parse(format);
        byte[] payload = Payload(sizes.Sum());
        using var wire = new MemoryStream();
        int at = 0;
        foreach (int size in sizes)
        {
            wire.Write(Encoding.ASCII.GetBytes(string.Format(CultureInfo.InvariantCulture, line, size)));
            wire.Write("\r\n"u8);
            wire.Write(payload, at, size);
            wire.Write("\r\n"u8);
            at += size;
        }

        wire.Write("0\r\n\r\n"u8);
        return new FlowCase { Payload = payload, Wire = wire.ToArray(), Source = SourceKind.Chunked, Sink = sink };
    }

    private static byte[] Payload(int length)
    {
        byte[] payload = new byte[length];
        new Pattern((ulong)length).Fill(payload, 0);
        return payload;
    }
}
