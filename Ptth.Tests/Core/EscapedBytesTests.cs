using System.Text;
using NUnit.Framework;

namespace Ptth.Tests.Core;

internal sealed class EscapedBytesTests
{
    [TestCase("plain text", "plain text")]
    [TestCase("GET /\\r\n\\n", "GET /\r\n")]
    [TestCase("\\t\\\\\\0", "\t\\\0")]
    [TestCase("\\x00\\xfF\\x41", "\0\u00ffA")]
    [TestCase("a\\{3*bc}d", "abcbcbcd")]
    [TestCase("\\{2*a\\r\\n}", "a\r\na\r\n")]
    [TestCase("\\{0*a}", "")]
    public void Text_is_read_as_bytes(string text, string expected)
        => Assert.That(EscapedBytes.Parse(text).Bytes, Is.EqualTo(Encoding.Latin1.GetBytes(expected)));

    [TestCase("ab\\^cd", 2)]
    [TestCase("\\^", 0)]
    [TestCase("\\{5*ab}\\^", 10)]
    [TestCase("abcd", -1)]
    public void The_mark_is_a_place(string text, int expected) => Assert.That(EscapedBytes.Parse(text).Mark, Is.EqualTo(expected));

    [TestCase("\\")]
    [TestCase("\\q")]
    [TestCase("\\x4")]
    [TestCase("\\xg0")]
    [TestCase("\\{3a}")]
    [TestCase("\\{a*3}")]
    [TestCase("\\{3*a")]
    [TestCase("\\^\\^")]
    [TestCase("\u212a")]
    [TestCase("a\rb")]
    public void What_is_not_in_the_notation_is_refused(string text)
        => Assert.That(() => EscapedBytes.Parse(text), Throws.TypeOf<FormatException>());

    [Test]
    public void Every_byte_survives_writing_and_reading()
    {
        byte[] all = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];
        Assert.That(EscapedBytes.Parse(EscapedBytes.Write(all)).Bytes, Is.EqualTo(all));
    }
}
