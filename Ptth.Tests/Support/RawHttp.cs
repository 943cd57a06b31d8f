using System.Globalization;
using System.Net;
using System.Text;

namespace Ptth.Tests.Support;

/// <summary>The head of a response.</summary>
internal sealed record RawResponse(int Status, string Head)
{
    /// <summary>A field's value, or null.</summary>
    public string? this[string name] => Head.Split("\r\n")
        .Where(l => l.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))
        .Select(l => l[(name.Length + 1)..].Trim())
        .FirstOrDefault();
}

/// <summary>
/// An HTTP/1.1 connection by hand: what is sent is up to the test to the byte, and what comes is read by code that
/// shares nothing with the programs under test.
/// </summary>
internal sealed class RawHttp : IDisposable
{
    private readonly Stream _stream;
    private readonly byte[] _byte = new byte[1];

    private RawHttp(Stream stream) => _stream = stream;

    /// <summary>Opens a connection to a rig's relay, over TLS where that is on.</summary>
    public static async Task<RawHttp> OpenAsync(IPEndPoint endPoint, CancellationToken token) =>
        new(await TestTls.ConnectAsync(endPoint, token));

    /// <summary>Opens a connection and sends a request without a body.</summary>
    public static async Task<RawHttp> RequestAsync(
        TunnelRig rig, string method, string path, MadeKey key, CancellationToken token, string fields = "")
    {
        var http = await OpenAsync(rig.RelayEndPoint, token);
        await http.SendRequestAsync(method, path, key, token, fields);
        return http;
    }

    /// <summary>Sends a request's head; <paramref name="fields"/> are lines that end in CRLF.</summary>
    public Task SendRequestAsync(string method, string path, MadeKey key, CancellationToken token, string fields = "") =>
        SendAsync($"{method} {path} HTTP/1.1\r\nHost: relay.example\r\nAuthorization: Bearer {key.Key}\r\n{fields}\r\n", token);

    /// <summary>Sends text as it is.</summary>
    public Task SendAsync(string text, CancellationToken token) => _stream.WriteAsync(Encoding.Latin1.GetBytes(text), token).AsTask();

    /// <summary>Sends one chunk.</summary>
    public async Task SendChunkAsync(ReadOnlyMemory<byte> data, CancellationToken token)
    {
        await SendAsync($"{data.Length:x}\r\n", token);
        await _stream.WriteAsync(data, token);
        await SendAsync("\r\n", token);
    }

    /// <summary>Sends the last chunk: the body's clean end.</summary>
    public Task SendLastChunkAsync(CancellationToken token) => SendAsync("0\r\n\r\n", token);

    /// <summary>Reads a response's head.</summary>
    /// <exception cref="EndOfStreamException">The connection ended before.</exception>
    public async Task<RawResponse> ReadHeadAsync(CancellationToken token)
    {
        var head = new StringBuilder();
        for (string line; (line = await ReadLineAsync(token)).Length > 0;)
            head.Append(line).Append("\r\n");
        var text = head.ToString();
        return new RawResponse(int.Parse(text.AsSpan("HTTP/1.1 ".Length, 3), CultureInfo.InvariantCulture), text);
    }

    /// <summary>Reads a whole body, by its length or its chunks.</summary>
    public async Task<byte[]> ReadBodyAsync(RawResponse response, CancellationToken token)
    {
        if (response["Content-Length"] is { } length)
        {
            var body = new byte[int.Parse(length, CultureInfo.InvariantCulture)];
            await _stream.ReadExactlyAsync(body, token);
            return body;
        }

        using var all = new MemoryStream();
        if (response["Transfer-Encoding"] == "chunked")
        {
            while (await ReadChunkAsync(token) is { } chunk)
                all.Write(chunk);
        }

        return all.ToArray();
    }

    /// <summary>Reads the next chunk's data; null is the body's clean end.</summary>
    /// <exception cref="EndOfStreamException">The connection ended before the body did.</exception>
    public async Task<byte[]?> ReadChunkAsync(CancellationToken token)
    {
        var data = new byte[int.Parse(await ReadLineAsync(token), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)];
        await _stream.ReadExactlyAsync(data, token);
        var end = await ReadLineAsync(token);
        if (end.Length > 0)
            throw new InvalidDataException($"\"{end}\" follows a chunk's data");
        return data.Length > 0 ? data : null;
    }

    /// <summary>Reads chunks until <paramref name="buffer"/> is full.</summary>
    public async Task ReadDataAsync(Memory<byte> buffer, CancellationToken token)
    {
        while (!buffer.IsEmpty)
        {
            var chunk = await ReadChunkAsync(token) ?? throw new EndOfStreamException("the body ended too early");
            chunk.CopyTo(buffer);
            buffer = buffer[chunk.Length..];
        }
    }

    /// <summary>Reads a chunked body to its end.</summary>
    /// <returns>Clean after the last chunk, broken when the connection ended before it.</returns>
    public async Task<EndKind> ReadToBodyEndAsync(CancellationToken token)
    {
        try
        {
            while (await ReadChunkAsync(token) is not null)
                continue;
            return EndKind.Clean;
        }
        catch (IOException)
        {
            return EndKind.Broken;
        }
    }

    /// <summary>Waits until the peer has closed the connection, having sent nothing more.</summary>
    public async Task ReadCloseAsync(CancellationToken token)
    {
        try
        {
            var read = await _stream.ReadAsync(_byte, token);
            if (read > 0)
                throw new InvalidDataException("bytes came where the connection should have been closed");
        }
        catch (IOException)
        {
            _stream.Close();
        }
    }

    /// <summary>Waits until the peer has given up on a request: with an error answer where one is still possible, and a close.</summary>
    public async Task ReadErrorOrCloseAsync(CancellationToken token)
    {
        try
        {
            var answer = await ReadHeadAsync(token);
            if (answer.Status < 400)
                throw new InvalidDataException($"a broken stream was answered with {answer.Status}");
            await ReadBodyAsync(answer, token);
            await ReadCloseAsync(token);
        }
        catch (IOException)
        {
            _stream.Close();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private async Task<string> ReadLineAsync(CancellationToken token)
    {
        var line = new StringBuilder();
        while (true)
        {
            await _stream.ReadExactlyAsync(_byte, token);
            line.Append((char)_byte[0]);
            if (line.Length >= 2 && line[^2] == '\r' && line[^1] == '\n')
                return line.ToString(0, line.Length - 2);
            if (line.Length > 16 * 1024)
                throw new InvalidDataException("a line does not end");
        }
    }
}
