using NUnit.Framework;
using Ptth.Http.Core;

namespace Ptth.Tests.Core;

/// <summary>Parsing allocates nothing; what is kept of a head costs what it must and no more.</summary>
internal sealed class AllocationTests
{
    private static ReadOnlySpan<byte> Request =>
        "POST /v1/upstream/abc HTTP/1.1\r\nHost: relay.example\r\nTransfer-Encoding: chunked\r\nUser-Agent: x/1\r\n\r\n"u8;

    private static ReadOnlySpan<byte> Response =>
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n\r\n"u8;

    private static ReadOnlySpan<byte> Chunks => "5\r\nhello\r\n05;a=\"b\"\r\nworld\r\n0\r\nA: b\r\n\r\n"u8;

    [Test]
    public void A_request_is_parsed_without_allocating() => Assert.That(AllocatedBy(static () =>
    {
        Counter counter = default;
        HeadScan scan = default;
        ParseStatus status = HeadParser.ParseRequest(Request, HttpLimits.Default, ref scan, ref counter, out _, out _);
        return status == ParseStatus.Done && counter.Fields == 3;
    }), Is.Zero);

    [Test]
    public void A_request_in_pieces_is_parsed_without_allocating() => Assert.That(AllocatedBy(static () =>
    {
        Counter counter = default;
        HeadScan scan = default;
        ParseStatus status = default;
        for (int length = 0; length <= Request.Length; length++)
            status = HeadParser.ParseRequest(Request[..length], HttpLimits.Default, ref scan, ref counter, out _, out _);
        return status == ParseStatus.Done;
    }), Is.Zero);

    [Test]
    public void A_response_is_parsed_without_allocating() => Assert.That(AllocatedBy(static () =>
    {
        Counter counter = default;
        HeadScan scan = default;
        ParseStatus status = HeadParser.ParseResponse(Response, HttpLimits.Default, ref scan, ref counter, out _, out _);
        return status == ParseStatus.Done && counter.Fields == 2;
    }), Is.Zero);

    [Test]
    public void A_refused_head_allocates_nothing() => Assert.That(AllocatedBy(static () =>
    {
        HeadScan scan = default;
        ReadOnlySpan<byte> head = "GET / HTTP/1.1\r\nHost : a\r\n\r\n"u8;
        return RequestHead.TryRead(head, HttpLimits.Default, ref scan, out _, out _, out _) == ParseStatus.Invalid;
    }), Is.Zero);

    [Test]
    public void Chunks_are_decoded_and_encoded_without_allocating() => Assert.That(AllocatedBy(static () =>
    {
        var decoder = new ChunkDecoder(HttpLimits.Default);
        ReadOnlySpan<byte> rest = Chunks;
        Span<byte> line = stackalloc byte[ChunkEncoder.MaxSizeLineBytes];
        int data = 0;
        while (decoder.Next(rest, out ChunkPiece piece) == ChunkStep.Data)
        {
            rest = rest[piece.Consumed..];
            data += piece.DataLength;
            ChunkEncoder.WriteSizeLine(line, piece.DataLength);
        }

        return data == 10;
    }), Is.Zero);

    [Test]
    public void A_head_is_written_without_allocating() => Assert.That(AllocatedBy(static () =>
    {
        var writer = new HeadWriter(stackalloc byte[200]);
        writer.StatusLine(200);
        writer.Field("Ptth-Connection"u8, "text");
        writer.Field("Content-Length"u8, 123456);
        writer.End();
        return writer.Length > 0;
    }), Is.Zero);

    [Test]
    public void A_kept_request_costs_its_head_its_list_two_arrays_and_its_target()
    {
        // Objects have a header of two words (16 bytes) and are rounded up to 8; arrays and strings have 24 and 22 before their content.
        long allocated = AllocatedBy(static () =>
        {
            HeadScan scan = default;
            return RequestHead.TryRead(Request, HttpLimits.Default, ref scan, out _, out _, out _) == ParseStatus.Done;
        });
        long section = 24 + (Request.Length - "POST /v1/upstream/abc HTTP/1.1\r\n".Length - 4);
        long lines = 24 + 3 * 8;
        long target = 22 + 2 * "/v1/upstream/abc".Length;
        const long Objects = 80 + 32;
        Assert.That(allocated, Is.LessThanOrEqualTo(section + lines + target + Objects + 3 * 8));
    }

    /// <summary>What one call allocates once everything is compiled and initialised.</summary>
    private static long AllocatedBy(Func<bool> call)
    {
        for (int i = 0; i < 100; i++)
            Assert.That(call(), Is.True);

        bool all = true;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            all &= call();
        long after = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(all, Is.True);
        return (after - before) / 100;
    }

    private struct Counter : IHeadHandler
    {
        public int Fields { get; private set; }

        public void OnRequestLine(ReadOnlySpan<byte> method, ReadOnlySpan<byte> target, ProtocolVersion version) => Fields = 0;

        public void OnStatusLine(ProtocolVersion version, int status, ReadOnlySpan<byte> reason) => Fields = 0;

        public void OnField(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => Fields++;
    }
}
