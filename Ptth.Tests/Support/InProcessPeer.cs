using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Ptth.Tests.Support;

/// <summary>How a connection ended.</summary>
internal enum PeerEnd
{
    /// <summary>FIN.</summary>
    Fin,

    /// <summary>RST.</summary>
    Reset,
}

/// <summary>A message that a peer received.</summary>
/// <param name="StartLine">Its first line.</param>
/// <param name="Head">All of its head.</param>
/// <param name="Body">Its body, where that was read.</param>
internal sealed record PeerMessage(string StartLine, string Head, byte[] Body)
{
    /// <summary>A response's status.</summary>
    public int Status => int.Parse(StartLine.AsSpan(9, 3), NumberStyles.None, CultureInfo.InvariantCulture);

    /// <summary>The body as text.</summary>
    public string Text => Encoding.UTF8.GetString(Body);

    /// <summary>A field's value; null where there is none.</summary>
    public string? this[string name] => Head.Split("\r\n").Skip(1)
        .Where(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))
        .Select(line => line[(name.Length + 1)..].Trim())
        .FirstOrDefault();
}

/// <summary>
/// The other end of a connection, by hand: it sends what the test says to the byte, and reads strictly, with code of its own.
/// </summary>
/// <remarks>
/// After each operation it goes on in the thread pool: what a test does next may block, and the threads that complete socket
/// operations belong to the code under test.
/// </remarks>
internal sealed class InProcessPeer(Socket socket) : IDisposable
{
    private readonly byte[] _buffer = new byte[32 * 1024];
    private int _start;
    private int _end;

    /// <summary>The connection.</summary>
    public Socket Socket => socket;

    /// <summary>Connects.</summary>
    public static async Task<InProcessPeer> ConnectAsync(IPEndPoint endPoint, CancellationToken token, IPAddress? from = null)
    {
        Socket socket = await TcpStreams.ConnectAsync(endPoint, token, from);
        await Task.Yield();
        return new InProcessPeer(socket);
    }

    /// <summary>Sends text as it is, one byte a character.</summary>
    public Task SendAsync(string text, CancellationToken token) => SendAsync(Encoding.Latin1.GetBytes(text), token);

    /// <summary>Sends bytes.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken token)
    {
        await socket.SendAllAsync(bytes, token);
        await Task.Yield();
    }

    /// <summary>Sends bytes one by one.</summary>
    public async Task SendByteByByteAsync(string text, CancellationToken token)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(text);
        for (int i = 0; i < bytes.Length; i++) await SendAsync(bytes.AsMemory(i, 1), token);
    }

    /// <summary>Sends bytes in pieces of random lengths.</summary>
    public async Task SendInPiecesAsync(ReadOnlyMemory<byte> bytes, Random random, CancellationToken token)
    {
        while (!bytes.IsEmpty)
        {
            int most = random.Next(4) switch { 0 => 3, 1 => 40, 2 => 700, _ => 20_000 };
            int length = Math.Min(bytes.Length, random.Next(1, most + 1));
            await SendAsync(bytes[..length], token);
            bytes = bytes[length..];
        }
    }

    /// <summary>Sends one chunk.</summary>
    public Task SendChunkAsync(string text, CancellationToken token) =>
        SendAsync(string.Create(CultureInfo.InvariantCulture, $"{text.Length:x}\r\n{text}\r\n"), token);

    /// <summary>Sends the last chunk.</summary>
    public Task SendLastChunkAsync(CancellationToken token) => SendAsync("0\r\n\r\n", token);

    /// <summary>Reads a head.</summary>
    public async Task<PeerMessage> ReadHeadAsync(CancellationToken token)
    {
        string head = await ReadThroughAsync("\r\n\r\n", token);
        return new PeerMessage(head[..head.IndexOf("\r\n", StringComparison.Ordinal)], head, []);
    }

    /// <summary>Reads a head and the body that its fields tell of.</summary>
    public async Task<PeerMessage> ReadMessageAsync(CancellationToken token)
    {
        PeerMessage message = await ReadHeadAsync(token);
        if (message["Content-Length"] is { } length)
            return message with { Body = await ReadExactlyAsync(int.Parse(length, NumberStyles.None, CultureInfo.InvariantCulture), token) };
        return message["Transfer-Encoding"] is null ? message : message with { Body = await ReadChunkedBodyAsync(token) };
    }

    /// <summary>Reads a chunked body to its clean end.</summary>
    public async Task<byte[]> ReadChunkedBodyAsync(CancellationToken token)
    {
        using var body = new MemoryStream();
        while (await ReadChunkAsync(token) is { } chunk) body.Write(chunk);
        return body.ToArray();
    }

    /// <summary>Reads a chunk's data; null is the last chunk. Takes canonical framing only.</summary>
    public async Task<byte[]?> ReadChunkAsync(CancellationToken token)
    {
        string line = (await ReadThroughAsync("\r\n", token))[..^2];
        int size = int.Parse(line, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        if (line != size.ToString("x", CultureInfo.InvariantCulture)) throw new InvalidDataException($"\"{line}\" is not a canonical size line");
        byte[] data = await ReadExactlyAsync(size, token);
        if (await ReadThroughAsync("\r\n", token) != "\r\n") throw new InvalidDataException("a chunk's data has no CRLF behind it");
        return size == 0 ? null : data;
    }

    /// <summary>Reads chunks until so many bytes of data have come, and no byte more.</summary>
    public async Task<string> ReadDataAsync(int bytes, CancellationToken token)
    {
        var data = new StringBuilder();
        while (data.Length < bytes)
        {
            byte[] chunk = await ReadChunkAsync(token) ?? throw new EndOfStreamException("the body ended too early");
            data.Append(Encoding.Latin1.GetString(chunk));
        }

        if (data.Length > bytes) throw new InvalidDataException($"{data.Length} bytes came instead of {bytes}");
        return data.ToString();
    }

    /// <summary>Reads up to and including <paramref name="end"/>.</summary>
    public async Task<string> ReadThroughAsync(string end, CancellationToken token)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(end);
        while (true)
        {
            int at = _buffer.AsSpan(_start, _end - _start).IndexOf(bytes);
            if (at >= 0) return Take(at + bytes.Length);
            await ReceiveAsync(token);
        }
    }

    /// <summary>Reads so many bytes.</summary>
    public async Task<byte[]> ReadExactlyAsync(int count, CancellationToken token)
    {
        byte[] result = new byte[count];
        int taken = Math.Min(count, _end - _start);
        _buffer.AsSpan(_start, taken).CopyTo(result);
        _start += taken;
        await socket.ReceiveExactlyAsync(result.AsMemory(taken), token);
        await Task.Yield();
        return result;
    }

    /// <summary>Reads to the connection's end.</summary>
    /// <returns>What came before it, and which end it was.</returns>
    public async Task<(string Text, PeerEnd End)> ReadToEndAsync(CancellationToken token)
    {
        var text = new StringBuilder(Take(_end - _start));
        byte[] buffer = new byte[64 * 1024];
        try
        {
            for (int read; (read = await socket.ReceiveAsync(buffer, token)) > 0;)
                text.Append(Encoding.Latin1.GetString(buffer, 0, read));
            await Task.Yield();
            return (text.ToString(), PeerEnd.Fin);
        }
        catch (SocketException failure) when (failure.SocketErrorCode == SocketError.ConnectionReset)
        {
            await Task.Yield();
            return (text.ToString(), PeerEnd.Reset);
        }
    }

    /// <summary>Ends its sending direction.</summary>
    public void SendFin() => socket.Shutdown(SocketShutdown.Send);

    /// <summary>Breaks the connection off.</summary>
    public void Reset() => socket.Reset();

    /// <inheritdoc/>
    public void Dispose() => socket.Dispose();

    private string Take(int count)
    {
        string text = Encoding.Latin1.GetString(_buffer, _start, count);
        _start += count;
        return text;
    }

    private async Task ReceiveAsync(CancellationToken token)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length) throw new InvalidDataException("a head or line does not end");
        int read = await socket.ReceiveAsync(_buffer.AsMemory(_end), token);
        await Task.Yield();
        if (read == 0) throw new EndOfStreamException($"the connection ended behind \"{Take(_end - _start)}\"");
        _end += read;
    }
}
