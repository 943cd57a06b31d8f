using System.Buffers;
using System.Net.Sockets;
using Ptth.Http.Core;
using Ptth.Http.Transport;

namespace Ptth.Http.Client;

/// <summary>Has a proxy open a tunnel to the origin: CONNECT (RFC 9110 section 9.3.6).</summary>
/// <remarks>
/// The answer's head is looked at in the socket and taken out of it to its last byte, no further: what comes behind it belongs to the
/// tunnel, and whoever reads the socket next finds it there.
/// </remarks>
public static class ProxyTunnel
{
    private const string Method = "CONNECT";

    /// <summary>Room for the head's fixed part.</summary>
    private const int BaseHeadBytes = 64;

    /// <summary>A head of the usual size fits in.</summary>
    private const int LeastBytes = 1024;

    /// <summary>Opens the tunnel on a connection to the proxy. Waits as long as the proxy does: whoever bounds it aborts the socket.</summary>
    /// <param name="socket">The connection.</param>
    /// <param name="proxy">The proxy at its other end.</param>
    /// <param name="origin">Where the tunnel is to lead.</param>
    /// <param name="limits">The bounds of the answer's head.</param>
    /// <exception cref="ExchangeException">There is none; the connection is of no further use.</exception>
    public static async Task OpenAsync(SocketChannel socket, HttpProxy proxy, HttpOrigin origin, HttpLimits limits)
    {
        ArgumentNullException.ThrowIfNull(socket);
        ArgumentNullException.ThrowIfNull(proxy);
        ArgumentNullException.ThrowIfNull(origin);
        ArgumentNullException.ThrowIfNull(limits);
        try
        {
            await SendAsync(socket, proxy, origin);
            ResponseHead head = await ReadHeadAsync(socket, proxy, limits);
            if (head.Status is < 200 or > 299)
            {
                throw new ExchangeException(ProxyRefusal.OfTunnel(proxy, origin, head)) { MayPass = head.Status is 502 or 503 or 504 };
            }
        }
        catch (Exception failure) when (failure is not ExchangeException && Connection.IsConnectionFailure(failure))
        {
            throw new ExchangeException(ProxyRefusal.Closed(proxy), failure) { MayPass = true };
        }
    }

    private static async ValueTask SendAsync(SocketChannel socket, HttpProxy proxy, HttpOrigin origin)
    {
        byte[] head = new byte[BaseHeadBytes + 2 * origin.Authority.Length + (proxy.Authorization?.Length ?? 0)];
        await socket.SendAsync(head.AsMemory(0, Write(head, proxy, origin)));
    }

    private static int Write(Span<byte> destination, HttpProxy proxy, HttpOrigin origin)
    {
        var writer = new HeadWriter(destination);
        writer.RequestLine(Method, origin.Authority);
        writer.Field(FieldNames.Host, origin.Authority);
        if (proxy.Authorization is not null) writer.Field(FieldNames.ProxyAuthorization, proxy.Authorization);
        writer.End();
        return writer.Length;
    }

    /// <summary>Reads the final answer's head; interim ones before it are dropped.</summary>
    private static async Task<ResponseHead> ReadHeadAsync(SocketChannel socket, HttpProxy proxy, HttpLimits limits)
    {
        var sink = new ResponseHeadSink(limits);
        sink.Reset(Method);
        for (int interim = 0; interim <= limits.MaxInterimResponses; interim++)
        {
            sink.ResetScan();
            await ReadOneAsync(socket, proxy, sink);
            if (!sink.Head!.IsInterim) return sink.Head;
        }

        throw new ExchangeException(ProxyRefusal.Interim(proxy));
    }

    private static async Task ReadOneAsync(SocketChannel socket, HttpProxy proxy, ResponseHeadSink sink)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(LeastBytes);
        try
        {
            int length = 0;
            while (true)
            {
                // The parser refuses heads over its limit, so the buffer's growth is bounded.
                if (length == buffer.Length) buffer = Grow(buffer);
                int seen = await socket.Socket.ReceiveAsync(buffer.AsMemory(length), SocketFlags.Peek);
                if (seen == 0) throw new ExchangeException(ProxyRefusal.Closed(proxy)) { MayPass = length == 0 };
                ParseStatus status = sink.TryRead(buffer.AsSpan(0, length + seen), out int consumed);
                if (status == ParseStatus.Invalid) throw new ExchangeException(ProxyRefusal.NotHttp(proxy, sink.Violation));
                int end = status == ParseStatus.Done ? consumed : length + seen;
                while (length < end) length += await socket.ReceiveAsync(buffer.AsMemory(length, end - length));
                if (status == ParseStatus.Done) return;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static byte[] Grow(byte[] buffer)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(2 * buffer.Length);
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}
