using System.Buffers;
using System.Globalization;
using Ptth.Http.Core;
using Ptth.Http.Transport;

namespace Ptth.Http.Server;

/// <summary>Sends response heads, and bodies that are at hand, in one send.</summary>
internal static class ResponseWriter
{
    /// <summary>Room for the status line and the stack's own fields; the others are added to it.</summary>
    private const int BaseHeadBytes = 320;

    /// <summary>An IMF-fixdate (RFC 9110 section 5.6.7).</summary>
    private const int DateBytes = 29;

    /// <summary>Sends a response whole.</summary>
    /// <param name="channel">Where to.</param>
    /// <param name="response">What.</param>
    /// <param name="closes">Whether the connection ends with it.</param>
    /// <param name="withBody">False in answer to HEAD: the length is told, the body is not sent.</param>
    public static async ValueTask SendAsync(ByteChannel channel, HttpResponse response, bool closes, bool withBody)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(HeadBytes(response.Fields) + response.Body.Length);
        try
        {
            int length = WriteWhole(buffer, response, closes, withBody);
            await channel.SendAsync(buffer.AsMemory(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Sends the head of a response with a chunked body.</summary>
    /// <param name="channel">Where to.</param>
    /// <param name="mediaType">The body's.</param>
    /// <param name="fields">Further fields.</param>
    /// <param name="closes">Whether the connection ends with it.</param>
    /// <param name="asksUnbuffered">Whether X-Accel-Buffering asks that the body be handed on as it comes.</param>
    public static async ValueTask SendStreamHeadAsync(ByteChannel channel, string mediaType, IReadOnlyList<HttpField> fields, bool closes, bool asksUnbuffered)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(HeadBytes(fields));
        try
        {
            int length = WriteStreamHead(buffer, mediaType, fields, closes, asksUnbuffered);
            await channel.SendAsync(buffer.AsMemory(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static int WriteWhole(Span<byte> destination, HttpResponse response, bool closes, bool withBody)
    {
        var writer = new HeadWriter(destination);
        writer.StatusLine(response.Status);
        WriteFields(ref writer, response.Fields, closes);
        if (response.ContentType is not null) writer.Field(FieldNames.ContentType, response.ContentType);
        // 204 has no Content-Length (RFC 9110 section 8.6).
        if (response.Status != 204) writer.Field(FieldNames.ContentLength, response.Body.Length);
        writer.End();
        int length = writer.Length;
        if (!withBody) return length;
        response.Body.Span.CopyTo(destination[length..]);
        return length + response.Body.Length;
    }

    private static int WriteStreamHead(Span<byte> destination, string mediaType, IReadOnlyList<HttpField> fields, bool closes, bool asksUnbuffered)
    {
        var writer = new HeadWriter(destination);
        writer.StatusLine(200);
        WriteFields(ref writer, fields, closes);
        // What lies between is asked not to hold the stream back, change it or keep it.
        writer.Field(FieldNames.ContentType, mediaType);
        writer.Field("Cache-Control"u8, "no-store, no-transform"u8);
        if (asksUnbuffered) writer.Field("X-Accel-Buffering"u8, "no"u8);
        writer.Field(FieldNames.TransferEncoding, "chunked"u8);
        writer.End();
        return writer.Length;
    }

    private static void WriteFields(ref HeadWriter writer, IReadOnlyList<HttpField> fields, bool closes)
    {
        foreach (HttpField field in fields) writer.Field(field.Name.Span, field.Value);
        // An origin server with a clock says what it shows (RFC 9110 section 6.6.1).
        Span<byte> date = stackalloc byte[DateBytes];
        DateTime.UtcNow.TryFormat(date, out int dateBytes, "R", CultureInfo.InvariantCulture);
        writer.Field("Date"u8, date[..dateBytes]);
        if (closes) writer.Field(FieldNames.Connection, "close"u8);
    }

    private static int HeadBytes(IReadOnlyList<HttpField> fields)
    {
        int bytes = BaseHeadBytes;
        foreach (HttpField field in fields) bytes += field.Name.Length + field.Value.Length + 4;
        return bytes;
    }
}
