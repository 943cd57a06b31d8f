using System.Text;
using NUnit.Framework;
using Ptth.Http.Core;

namespace Ptth.Tests.Core;

internal sealed class FieldListTests
{
    [Test]
    public void A_single_value_is_found_without_case()
    {
        FieldList fields = Read("Ptth-Connection: abc\r\nX: 1\r\nx: 2\r\nEmpty:\r\n");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Single(fields, "PTTH-connection"), Is.EqualTo("abc"));
            Assert.That(Single(fields, "Empty"), Is.EqualTo(""));
            Assert.That(Single(fields, "X"), Is.Null, "there are two");
            Assert.That(Single(fields, "Ptth-Client"), Is.Null, "there is none");
            Assert.That(Single(fields, "Ptth-Connectio"), Is.Null, "a prefix is another name");
            Assert.That(fields.CountOf("x"u8), Is.EqualTo(2));
            Assert.That(fields.CountOf("y"u8), Is.Zero);
        }
    }

    [Test]
    public void Only_ASCII_letters_have_case()
    {
        FieldList fields = Read("X-K: 1\r\nX-@: 2\r\n".Replace("@", "^", StringComparison.Ordinal));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(fields.CountOf("x-\u212a"u8), Is.Zero, "the Kelvin sign is not a k");
            Assert.That(fields.CountOf("X-~"u8), Is.Zero, "^ and ~ differ in the bit that tells case");
        }
    }

    [TestCase("close", true)]
    [TestCase("CLOSE", true)]
    [TestCase("keep-alive", true)]
    [TestCase("foo", true)]
    [TestCase("clos", false)]
    [TestCase("closed", false)]
    [TestCase("close\0", false)]
    [TestCase("bar", false)]
    [TestCase("bar baz", true)]
    public void A_token_is_found_in_any_line_of_the_list(string token, bool expected)
    {
        FieldList fields = Read("Connection: , close\t ,Keep-Alive\r\nX: other\r\nconnection: foo,,bar baz\r\n");
        Assert.That(fields.HasToken("Connection"u8, Encoding.ASCII.GetBytes(token)), Is.EqualTo(expected));
    }

    [Test]
    public void A_list_without_fields()
    {
        FieldList fields = Read("");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(fields.Count, Is.Zero);
            Assert.That(fields.HasToken("Connection"u8, "close"u8), Is.False);
            Assert.That(fields.TryGetSingle("Host"u8, out _), Is.False);
        }
    }

    [Test]
    public void The_list_does_not_depend_on_the_buffer_that_it_was_read_from()
    {
        byte[] head = Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nName: value\r\n\r\n");
        HeadScan scan = default;
        ResponseHead.TryRead(head, HttpLimits.Default, "GET", ref scan, out ResponseHead? read, out _, out _);
        Array.Clear(head);
        Assert.That(Single(read!.Fields, "name"), Is.EqualTo("value"));
    }

    private static FieldList Read(string lines)
    {
        HeadScan scan = default;
        ParseStatus status = ResponseHead.TryRead(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\n{lines}\r\n"), HttpLimits.Default, "GET",
            ref scan, out ResponseHead? head, out _, out _);
        Assert.That(status, Is.EqualTo(ParseStatus.Done));
        return head!.Fields;
    }

    private static string? Single(FieldList fields, string name)
        => fields.TryGetSingle(Encoding.ASCII.GetBytes(name), out ReadOnlySpan<byte> value) ? Encoding.ASCII.GetString(value) : null;
}
