using NUnit.Framework;
using Ptth.Http.Core;

namespace Ptth.Tests.Core;

/// <summary>Records: whole, byte by byte, and at the bounds of their length.</summary>
[Parallelizable(ParallelScope.All)]
internal sealed class RecordDecoderTests
{
    private static readonly byte[] Wire = [0, 0, 0, 3, (byte)'a', (byte)'b', (byte)'c', 0, 0, 0, 0, 0, 0, 0, 1, (byte)'d'];

    private static readonly byte[] EndMark = [0xff, 0xff, 0xff, 0xff];

    [Test]
    public void Payload_is_found_behind_lengths_and_empty_records_mean_nothing([Values(1, 2, 3, 5, 16)] int pieceBytes, [Values] bool marksEnd)
    {
        byte[] wire = [.. Wire, .. marksEnd ? EndMark : []];
        var decoder = new RecordDecoder(marksEnd);
        var payload = new List<byte>();
        for (int at = 0; at < wire.Length; at += pieceBytes)
        {
            ReadOnlySpan<byte> input = wire.AsSpan(at, Math.Min(pieceBytes, wire.Length - at));
            while (!input.IsEmpty)
            {
                Assert.That(decoder.TryNext(input, out int start, out int length), Is.True);
                payload.AddRange(input.Slice(start, length));
                input = input[(start + length)..];
            }
        }

        Assert.That((payload, decoder.EndViolation), Is.EqualTo(("abcd"u8.ToArray(), HttpViolation.None)));
    }

    [Test]
    public void A_stream_may_end_between_two_records_only()
    {
        for (int length = 0; length <= Wire.Length; length++)
        {
            HttpViolation expected = length is 0 or 7 or 11 or 16 ? HttpViolation.None : HttpViolation.RecordCutOff;
            Assert.That(Read(new RecordDecoder(marksEnd: false), Wire.AsSpan(0, length)), Is.EqualTo(expected), $"after {length} bytes");
        }
    }

    [Test]
    public void A_stream_whose_end_is_marked_ends_behind_the_mark_alone()
    {
        byte[] wire = [.. Wire, .. EndMark];
        for (int length = 0; length <= wire.Length; length++)
        {
            HttpViolation expected = length switch
            {
                0 or 7 or 11 or 16 => HttpViolation.EndNotMarked,
                20 => HttpViolation.None,
                _ => HttpViolation.RecordCutOff,
            };
            Assert.That(Read(new RecordDecoder(marksEnd: true), wire.AsSpan(0, length)), Is.EqualTo(expected), $"after {length} bytes");
        }
    }

    [TestCase((byte)0)]
    [TestCase((byte)0xff)]
    public void Behind_the_mark_there_is_nothing(byte next)
    {
        var decoder = new RecordDecoder(marksEnd: true);
        Assert.That(decoder.TryNext([.. EndMark, next], out _, out int length), Is.False);
        Assert.That((length, decoder.Violation), Is.EqualTo((0, HttpViolation.RecordBehindEnd)));
    }

    [Test]
    public void Nothing_but_the_mark_is_one_and_where_none_was_agreed_on_it_is_none()
    {
        for (int at = 0; at < EndMark.Length; at++)
        {
            byte[] other = [.. EndMark];
            other[at] = 0xfe;
            var decoder = new RecordDecoder(marksEnd: true);
            Assert.That(decoder.TryNext(other, out _, out _), Is.False);
            Assert.That(decoder.Violation, Is.EqualTo(HttpViolation.RecordTooLong));
        }

        Assert.That(new RecordDecoder(marksEnd: false).TryNext(EndMark, out _, out _), Is.False);
    }

    private static HttpViolation Read(RecordDecoder decoder, ReadOnlySpan<byte> input)
    {
        while (!input.IsEmpty)
        {
            Assert.That(decoder.TryNext(input, out int start, out int data), Is.True);
            input = input[(start + data)..];
        }

        return decoder.EndViolation;
    }

    [Test]
    public void The_longest_record_has_two_GiB_less_a_byte()
    {
        var decoder = new RecordDecoder();
        Assert.That(decoder.TryNext([0x7f, 0xff, 0xff, 0xff, 1], out int start, out int length), Is.True);
        Assert.That((start, length, decoder.Remaining), Is.EqualTo((4, 1, int.MaxValue - 1)));
        Assert.That(new RecordDecoder().TryNext([0x80], out _, out _), Is.False);
    }

    [Test]
    public void What_went_past_is_payload_of_this_record_and_no_more()
    {
        var decoder = new RecordDecoder();
        decoder.TryNext([0, 0, 0, 9], out _, out _);
        decoder.Skip(8);
        Assert.That((decoder.Remaining, decoder.HeaderBytesNeeded), Is.EqualTo((1, 0)));
        Assert.That(() => decoder.Skip(2), Throws.InstanceOf<ArgumentOutOfRangeException>());
        decoder.Skip(1);
        Assert.That((decoder.Remaining, decoder.HeaderBytesNeeded, decoder.EndViolation), Is.EqualTo((0, 4, HttpViolation.None)));
    }
}
