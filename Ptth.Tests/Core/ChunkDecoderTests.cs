using NUnit.Framework;
using Ptth.Http.Core;

namespace Ptth.Tests.Core;

internal sealed class ChunkDecoderTests
{
    [Test]
    public void Data_that_went_another_way_is_skipped()
    {
        var decoder = new ChunkDecoder(HttpLimits.Default);
        Assert.That(decoder.RemainingInChunk, Is.Zero);
        Assert.That(decoder.Next("186a0\r\nabc"u8, out ChunkPiece piece), Is.EqualTo(ChunkStep.Data));
        Assert.That(piece.DataLength, Is.EqualTo(3));
        Assert.That(decoder.RemainingInChunk, Is.EqualTo(99_997));

        decoder.SkipData(99_000);
        Assert.That(decoder.RemainingInChunk, Is.EqualTo(997));
        decoder.SkipData(0);
        decoder.SkipData(997);
        Assert.That(decoder.RemainingInChunk, Is.Zero);
        Assert.That(decoder.Next("\r\n0\r\n\r\n"u8, out piece), Is.EqualTo(ChunkStep.End));
        Assert.That(piece.Consumed, Is.EqualTo(7));
    }

    [Test]
    public void No_more_can_be_skipped_than_the_chunk_has()
    {
        var decoder = new ChunkDecoder(HttpLimits.Default);
        Assert.That(decoder.Next("5\r\n"u8, out ChunkPiece piece), Is.EqualTo(ChunkStep.NeedMore));
        Assert.That(piece.Consumed, Is.EqualTo(3));
        Assert.That(decoder.RemainingInChunk, Is.EqualTo(5));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => decoder.SkipData(6), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => decoder.SkipData(-1), Throws.TypeOf<ArgumentOutOfRangeException>());
        }
    }

    [Test]
    public void Skipping_outside_a_chunk_is_refused_and_skipping_nothing_changes_nothing()
    {
        var decoder = new ChunkDecoder(HttpLimits.Default);
        Assert.That(() => decoder.SkipData(1), Throws.TypeOf<ArgumentOutOfRangeException>());
        decoder.SkipData(0);
        Assert.That(decoder.Next("0\r\n\r\n"u8, out _), Is.EqualTo(ChunkStep.End));
    }

    [Test]
    public void A_chunk_larger_than_4_GiB_is_counted()
    {
        var decoder = new ChunkDecoder(HttpLimits.Default);
        Assert.That(decoder.Next("100000003\r\n"u8, out _), Is.EqualTo(ChunkStep.NeedMore));
        decoder.SkipData(0x1_0000_0000);
        Assert.That(decoder.Next("abc\r\n0\r\n\r\n"u8, out ChunkPiece piece), Is.EqualTo(ChunkStep.Data));
        Assert.That((piece.DataStart, piece.DataLength, piece.Consumed, piece.VerbatimLength), Is.EqualTo((0, 3, 5, 0)));
    }

    [Test]
    public void The_violation_stays()
    {
        var decoder = new ChunkDecoder(HttpLimits.Default);
        Assert.That(decoder.Violation, Is.EqualTo(HttpViolation.None));
        Assert.That(decoder.Next("g"u8, out _), Is.EqualTo(ChunkStep.Invalid));
        Assert.That(decoder.Next("5\r\nhello\r\n"u8, out ChunkPiece piece), Is.EqualTo(ChunkStep.Invalid));
        Assert.That((decoder.Violation, piece.Consumed, piece.DataLength), Is.EqualTo((HttpViolation.InvalidChunkSize, 0, 0)));
    }
}
