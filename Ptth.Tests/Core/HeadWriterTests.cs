using System.Text;
using NUnit.Framework;
using Ptth.Http.Core;

namespace Ptth.Tests.Core;

internal sealed class HeadWriterTests
{
    [Test]
    public void A_request_head()
    {
        byte[] room = new byte[200];
        var writer = new HeadWriter(room);
        writer.RequestLine("POST", "/v1/upstream/x?y=%20");
        writer.Field("Host"u8, "relay.example:8080");
        writer.Field("X"u8, [0x80, (byte)'\t', 0xff]);
        writer.Field("Empty"u8, "");
        writer.Field("Content-Length"u8, long.MaxValue);
        writer.End();
        Assert.That(Encoding.Latin1.GetString(room, 0, writer.Length), Is.EqualTo(
            "POST /v1/upstream/x?y=%20 HTTP/1.1\r\nHost: relay.example:8080\r\nX: \x80\t\xff\r\nEmpty: \r\n"
            + "Content-Length: 9223372036854775807\r\n\r\n"));
    }

    [TestCase(100, "HTTP/1.1 100 Continue\r\n")]
    [TestCase(200, "HTTP/1.1 200 OK\r\n")]
    [TestCase(431, "HTTP/1.1 431 Request Header Fields Too Large\r\n")]
    [TestCase(505, "HTTP/1.1 505 HTTP Version Not Supported\r\n")]
    [TestCase(599, "HTTP/1.1 599 \r\n")]
    public void A_status_line_has_the_standards_reason(int status, string expected)
    {
        byte[] room = new byte[100];
        var writer = new HeadWriter(room);
        writer.StatusLine(status);
        Assert.That(Encoding.ASCII.GetString(room, 0, writer.Length), Is.EqualTo(expected));
    }

    [Test]
    public void Every_status_line_can_be_read()
    {
        byte[] room = new byte[100];
        for (int status = 100; status <= 599; status++)
        {
            var writer = new HeadWriter(room);
            writer.StatusLine(status);
            writer.End();
            string read = new HeadReading("response", "GET", HttpLimits.Default).Read(room.AsSpan(0, writer.Length));
            Assert.That(read, status == 101 ? Does.EndWith("UnexpectedUpgrade") : Does.StartWith($"done\nHTTP/1.1 {status}\n"));
        }
    }

    [TestCase(99)]
    [TestCase(600)]
    [TestCase(-200)]
    public void A_status_is_100_to_599(int status)
        => Assert.That(() => new HeadWriter(new byte[100]).StatusLine(status), Throws.TypeOf<ArgumentOutOfRangeException>());

    [TestCase("", "/")]
    [TestCase("GE T", "/")]
    [TestCase("GET\r\n", "/")]
    [TestCase("GET:", "/")]
    [TestCase("G\u00c9T", "/")]
    [TestCase("GET", "")]
    [TestCase("GET", "/a b")]
    [TestCase("GET", "/a\r\nX: y")]
    [TestCase("GET", "/a\0")]
    [TestCase("GET", "/a#b")]
    [TestCase("GET", "/%")]
    [TestCase("GET", "/%4")]
    [TestCase("GET", "/%4g")]
    [TestCase("GET", "/\u00e9")]
    [TestCase("GET", "/\u212a")]
    public void A_request_line_that_is_none_is_refused(string method, string target)
        => Assert.That(() => new HeadWriter(new byte[100]).RequestLine(method, target), Throws.ArgumentException);

    [TestCase("")]
    [TestCase("Na me")]
    [TestCase("Name:")]
    [TestCase("Name\r\n")]
    [TestCase("\0")]
    [TestCase("N\u00e4me")]
    public void A_name_that_is_no_token_is_refused(string name)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(name);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => new HeadWriter(new byte[100]).Field(bytes, "x"), Throws.ArgumentException);
            Assert.That(() => new HeadWriter(new byte[100]).Field(bytes, "x"u8), Throws.ArgumentException);
            Assert.That(() => new HeadWriter(new byte[100]).Field(bytes, 5), Throws.ArgumentException);
        }
    }

    [TestCase("a\r\nX: y")]
    [TestCase("a\n")]
    [TestCase("\r")]
    [TestCase("\0")]
    [TestCase("\x1b[2J")]
    [TestCase("\x7f")]
    public void A_value_with_a_control_byte_is_refused(string value)
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => new HeadWriter(new byte[100]).Field("X"u8, value), Throws.ArgumentException);
            Assert.That(() => new HeadWriter(new byte[100]).Field("X"u8, Encoding.ASCII.GetBytes(value)), Throws.ArgumentException);
        }
    }

    [Test]
    public void A_text_that_is_not_ASCII_is_refused()
        => Assert.That(() => new HeadWriter(new byte[100]).Field("X"u8, "caf\u00e9"), Throws.ArgumentException);

    [Test]
    public void Every_place_where_the_room_can_end_is_noticed()
    {
        byte[] room = new byte[100];
        int full = WriteAll(room);
        for (int length = 0; length < full; length++)
            Assert.That(() => WriteAll(room.AsSpan(0, length)), Throws.InvalidOperationException, $"{length} of {full} bytes");
        Assert.That(WriteAll(room.AsSpan(0, full)), Is.EqualTo(full));
    }

    private static int WriteAll(Span<byte> room)
    {
        var request = new HeadWriter(room);
        request.RequestLine("GET", "/");
        request.Field("A"u8, "text");
        request.Field("B"u8, "bytes"u8);
        request.Field("C"u8, 123);
        request.End();
        var response = new HeadWriter(room[request.Length..]);
        response.StatusLine(200);
        return request.Length + response.Length;
    }
}
