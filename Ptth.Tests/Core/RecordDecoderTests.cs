using NUnit.Framework;
using Ptth.Http.Core;

namespace Ptth.Tests.Core;

/// <summary>Records: whole, byte by byte, and at the bounds of their length.</summary>
[Parallelizable(ParallelScope.All)]
internal sealed class RecordDecoderTests
{
    private static readonly byte[] Wire = [0, 0, 0, 3, (byte)'a', (byte)'b', (byte)'c', 0, 0, 0, 0, 0, 0, 0, 1, (byte)'d'];

    [Test]
    public void Payload_is_found_behind_lengths_and_empty_records_mean_nothing([Values(1, 2, 3, 5, 16)] int pieceBytes)
    {
        var decoder = new RecordDecoder();
        var payload = new List<byte>();
        for (int at = 0; at < Wire.Length; at += pieceBytes)
        {
            ReadOnlySpan<byte> input = Wire.AsSpan(at, Math.Min(pieceBytes, Wire.Length - at));
            while (!input.IsEmpty)
            {
                Assert.That(decoder.TryNext(input, out int start, out int length), Is.True);
                payload.AddRange(input.Slice(start, length));
                input = input[(start + length)..];
            }
        }

        Assert.That((payload, decoder.IsAtBoundary), Is.EqualTo(("abcd"u8.ToArray(), true)));
    }

    [Test]
    public void A_stream_may_end_between_two_records_only()
    {
        for (int length = 0; length <= Wire.Length; length++)
        {
            var decoder = new RecordDecoder();
            ReadOnlySpan<byte> input = Wire.AsSpan(0, length);
            while (!input.IsEmpty)
            {
                decoder.TryNext(input, out int start, out int data);
                input = input[(start + data)..];
            }

            Assert.That(decoder.IsAtBoundary, Is.EqualTo(length is 0 or 7 or 11 or 16), $"after {length} bytes");
        }
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
        Assert.That((decoder.Remaining, decoder.HeaderBytesNeeded, decoder.IsAtBoundary), Is.EqualTo((0, 4, true)));
    }
}
