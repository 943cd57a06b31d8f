using System.Buffers;
using Ptth.Http.Core;
using Ptth.Http.Transport;

namespace Ptth.Http.Client;

/// <summary>Sends request heads, with the body behind them where it is at hand, in one send.</summary>
internal static class RequestWriter
{
    /// <summary>Room for the request line's fixed part and the stack's own fields.</summary>
    private const int BaseHeadBytes = 256;

    /// <summary>The longest body that is copied behind the head, bytes: a longer one is worth a send of its own.</summary>
    private const int MostBytesTogether = 16 * 1024;

    /// <summary>Sends the head, and the body unless it streams.</summary>
    public static async ValueTask SendAsync(ByteChannel channel, HttpRequest request, HttpClientOptions options)
    {
        HttpOrigin origin = options.Origin;
        bool together = request.Body.Length <= MostBytesTogether;
        int room = BaseHeadBytes + request.Target.Length + 2 * origin.HostField.Length + (request.ContentType?.Length ?? 0)
            + (together ? request.Body.Length : 0) + (options.Proxy?.Authorization?.Length ?? 0);
        foreach (HttpField field in request.Fields) room += field.Name.Length + field.Value.Length + 4;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(room);
        try
        {
            int length = Write(buffer, request, origin, options.IsForwarded ? options.Proxy : null, together);
            await channel.SendAsync(buffer.AsMemory(0, length));
            if (!together) await channel.SendAsync(request.Body);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static int Write(Span<byte> destination, HttpRequest request, HttpOrigin origin, HttpProxy? forwarder, bool withBody)
    {
        var writer = new HeadWriter(destination);
        // To a proxy the target is in absolute form (RFC 9112 section 3.2.2).
        writer.RequestLine(request.Method, forwarder is null ? request.Target : $"http://{origin.HostField}{request.Target}");
        writer.Field(FieldNames.Host, origin.HostField);
        if (forwarder is not null)
        {
            // By default in HTTP/1.1; but some proxies say only then that they keep the connection.
            writer.Field(FieldNames.Connection, "keep-alive"u8);
            if (forwarder.Authorization is not null) writer.Field(FieldNames.ProxyAuthorization, forwarder.Authorization);
        }

        foreach (HttpField field in request.Fields) writer.Field(field.Name.Span, field.Value);
        if (request.ContentType is not null) writer.Field(FieldNames.ContentType, request.ContentType);
        if (request is { StreamsBody: true, StreamLength: { } told }) writer.Field(FieldNames.ContentLength, told);
        else if (request.StreamsBody) writer.Field(FieldNames.TransferEncoding, "chunked"u8);
        else if (request.Method != "GET") writer.Field(FieldNames.ContentLength, request.Body.Length);
        writer.End();
        if (!withBody) return writer.Length;
        request.Body.Span.CopyTo(destination[writer.Length..]);
        return writer.Length + request.Body.Length;
    }
}
