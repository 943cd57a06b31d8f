using System.Buffers;
using Ptth.Http.Core;
using Ptth.Http.Transport;

namespace Ptth.Http.Client;

/// <summary>Sends request heads, with the body behind them where it is at hand, in one send.</summary>
internal static class RequestWriter
{
    /// <summary>Room for the request line's fixed part and the stack's own fields.</summary>
    private const int BaseHeadBytes = 256;

    /// <summary>Sends the head, and the body unless it streams.</summary>
    public static async ValueTask SendAsync(ByteChannel channel, HttpRequest request, HttpOrigin origin)
    {
        int room = BaseHeadBytes + request.Target.Length + origin.HostField.Length + (request.ContentType?.Length ?? 0) + request.Body.Length;
        foreach (HttpField field in request.Fields) room += field.Name.Length + field.Value.Length + 4;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(room);
        try
        {
            int length = Write(buffer, request, origin);
            await channel.SendAsync(buffer.AsMemory(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static int Write(Span<byte> destination, HttpRequest request, HttpOrigin origin)
    {
        var writer = new HeadWriter(destination);
        writer.RequestLine(request.Method, request.Target);
        writer.Field(FieldNames.Host, origin.HostField);
        foreach (HttpField field in request.Fields) writer.Field(field.Name.Span, field.Value);
        if (request.ContentType is not null) writer.Field(FieldNames.ContentType, request.ContentType);
        if (request.StreamsBody) writer.Field(FieldNames.TransferEncoding, "chunked"u8);
        else if (request.Method != "GET") writer.Field(FieldNames.ContentLength, request.Body.Length);
        writer.End();
        request.Body.Span.CopyTo(destination[writer.Length..]);
        return writer.Length + request.Body.Length;
    }
}
