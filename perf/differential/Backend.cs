using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Ptth.Differential;

/// <summary>
/// What stands behind the intermediaries: it takes whatever they send, believes their framing, and answers with the body's length. It
/// judges nothing, so that the verdict is the intermediary's.
/// </summary>
internal static class Backend
{
    /// <summary>Serves until it is stopped.</summary>
    public static async Task RunAsync(int port, CancellationToken stopping)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        while (!stopping.IsCancellationRequested) _ = ServeAsync(await listener.AcceptTcpClientAsync(stopping), stopping);
    }

    private static async Task ServeAsync(TcpClient client, CancellationToken stopping)
    {
        using (client)
        {
            using var reader = new StreamReader(client.GetStream(), Encoding.Latin1);
            try
            {
                while (await TryAnswerAsync(reader, client.GetStream(), stopping)) await Task.Yield();
            }
            catch (IOException)
            {
                // The intermediary has closed it.
            }
        }
    }

    private static async Task<bool> TryAnswerAsync(StreamReader reader, NetworkStream stream, CancellationToken stopping)
    {
        if (await reader.ReadLineAsync(stopping) is not { } start) return false;
        long length = 0;
        bool chunked = false;
        while (await reader.ReadLineAsync(stopping) is { Length: > 0 } line)
        {
            if (line.StartsWith("content-length:", StringComparison.OrdinalIgnoreCase)) length = long.Parse(line.AsSpan(15), CultureInfo.InvariantCulture);
            if (line.StartsWith("transfer-encoding:", StringComparison.OrdinalIgnoreCase)) chunked = true;
        }

        long body = chunked ? await ReadChunkedAsync(reader, stopping) : await ReadAsync(reader, length, stopping);
        string text = body.ToString(CultureInfo.InvariantCulture);
        string answer = $"HTTP/1.1 200 OK\r\nX-Body: {text}\r\nContent-Length: {text.Length}\r\n\r\n" + (start.StartsWith("HEAD ", StringComparison.Ordinal) ? "" : text);
        await stream.WriteAsync(Encoding.Latin1.GetBytes(answer), stopping);
        return true;
    }

    private static async Task<long> ReadChunkedAsync(StreamReader reader, CancellationToken stopping)
    {
        long body = 0;
        while (await reader.ReadLineAsync(stopping) is { } line)
        {
            long size = long.Parse(line.Split(';')[0].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (size == 0) break;
            body += await ReadAsync(reader, size, stopping);
            await reader.ReadLineAsync(stopping);
        }

        while (await reader.ReadLineAsync(stopping) is { Length: > 0 })
        {
            // A trailer.
        }

        return body;
    }

    private static async Task<long> ReadAsync(StreamReader reader, long length, CancellationToken stopping)
    {
        char[] buffer = new char[4096];
        long body = 0;
        while (body < length)
        {
            int read = await reader.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, length - body)), stopping);
            if (read == 0) throw new IOException("The body broke off.");
            body += read;
        }

        return body;
    }
}
