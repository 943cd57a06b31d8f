using System.Text;
using NUnit.Framework;
using Ptth.Http.Core;

namespace Ptth.Tests.Core;

internal sealed class ChunkEncoderTests
{
    [TestCase(1, "1\r\n")]
    [TestCase(9, "9\r\n")]
    [TestCase(10, "a\r\n")]
    [TestCase(15, "f\r\n")]
    [TestCase(16, "10\r\n")]
    [TestCase(255, "ff\r\n")]
    [TestCase(256, "100\r\n")]
    [TestCase(65535, "ffff\r\n")]
    [TestCase(65536, "10000\r\n")]
    [TestCase(0x0fffffff, "fffffff\r\n")]
    [TestCase(0x10000000, "10000000\r\n")]
    [TestCase(int.MaxValue, "7fffffff\r\n")]
    public void A_size_line_is_lower_case_hex_without_padding(int length, string expected)
    {
        byte[] room = new byte[20];
        int written = ChunkEncoder.WriteSizeLine(room, length);
        Assert.That(Encoding.ASCII.GetString(room, 0, written), Is.EqualTo(expected));

        Array.Fill(room, (byte)'?');
        int start = ChunkEncoder.WriteSizeLineBefore(room, length);
        Assert.That(Encoding.ASCII.GetString(room), Is.EqualTo(expected.PadLeft(20, '?')));
        Assert.That(start, Is.EqualTo(20 - expected.Length));
    }

    [TestCase(0)]
    [TestCase(-1)]
    [TestCase(int.MinValue)]
    public void A_chunk_has_data(int length)
    {
        byte[] room = new byte[20];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => ChunkEncoder.WriteSizeLine(room, length), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => ChunkEncoder.WriteSizeLineBefore(room, length), Throws.TypeOf<ArgumentOutOfRangeException>());
        }
    }

    [Test]
    public void The_room_must_hold_the_longest_line()
    {
        byte[] room = new byte[ChunkEncoder.MaxSizeLineBytes - 1];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => ChunkEncoder.WriteSizeLine(room, 1), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => ChunkEncoder.WriteSizeLineBefore(room, 1), Throws.TypeOf<ArgumentOutOfRangeException>());
        }
    }

    [Test]
    public void The_rest_of_the_coding_is_constant()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(ChunkEncoder.Crlf.ToArray(), Is.EqualTo("\r\n"u8.ToArray()));
            Assert.That(ChunkEncoder.LastChunk.ToArray(), Is.EqualTo("0\r\n\r\n"u8.ToArray()));
        }
    }
}
