using System.Net;
using System.Net.Sockets;
using System.Text;
using Ptth.Common.Protocol;
using Ptth.Http.Core;

namespace Ptth.Bench;

/// <summary>
/// Both parties of tunnels through a relay, one tunnel at a time, on blocking sockets that are kept from one to the next: what proxies
/// say, with as little of their own work as can be.
/// </summary>
internal sealed class BenchTunnel : IDisposable
{
    private readonly byte[] _received = new byte[256 * 1024];
    private readonly PtthKey _serverKey;
    private readonly PtthKey _clientKey;
    private readonly Socket[] _sockets;
    private ChunkDecoder _accepted = new(HttpLimits.Default);
    private ChunkDecoder _connected = new(HttpLimits.Default);

    public BenchTunnel(IPEndPoint relay, PtthKey serverKey, PtthKey clientKey)
    {
        _serverKey = serverKey;
        _clientKey = clientKey;
        _sockets = [.. Enumerable.Range(0, 5).Select(_ => Dial(relay))];
    }

    private Socket Listen => _sockets[0];

    private Socket Connect => _sockets[1];

    private Socket Accept => _sockets[2];

    private Socket Upstream => _sockets[3];

    private Socket Downstream => _sockets[4];

    /// <summary>Sets a tunnel up.</summary>
    public void Open()
    {
        Send(Listen, "listen/p", _serverKey, streams: false);
        Send(Connect, "connect/s/p", _clientKey, streams: false);
        string id = ReadHead(Listen).Split('\n').Single(static line => line.StartsWith("Ptth-Connection:", StringComparison.Ordinal))[16..].Trim();
        Send(Accept, $"accept/{id}", _serverKey, streams: false);
        ReadHead(Accept);
        ReadHead(Connect);
        Send(Upstream, $"upstream/{id}", _clientKey, streams: true);
        Send(Downstream, $"downstream/{id}", _serverKey, streams: true);
        _accepted = new ChunkDecoder(HttpLimits.Default);
        _connected = new ChunkDecoder(HttpLimits.Default);
    }

    /// <summary>Ends it cleanly; the connections can be used again.</summary>
    public void Close()
    {
        Upstream.Send(ChunkEncoder.LastChunk.Span);
        Receive(Accept, ref _accepted, long.MaxValue);
        Downstream.Send(ChunkEncoder.LastChunk.Span);
        Receive(Connect, ref _connected, long.MaxValue);
        ReadHead(Upstream);
        ReadHead(Downstream);
    }

    /// <summary>From the client to the server.</summary>
    public void SendUp(ReadOnlySpan<byte> chunks) => Upstream.Send(chunks);

    /// <summary>From the server to the client.</summary>
    public void SendDown(ReadOnlySpan<byte> chunks) => Downstream.Send(chunks);

    /// <summary>Receives that much payload at the server.</summary>
    public void ReceiveUp(long payloadBytes) => Receive(Accept, ref _accepted, payloadBytes);

    /// <summary>Receives that much payload at the client.</summary>
    public void ReceiveDown(long payloadBytes) => Receive(Connect, ref _connected, payloadBytes);

    public void Dispose()
    {
        foreach (Socket socket in _sockets) socket.Dispose();
    }

    private static Socket Dial(IPEndPoint relay)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(relay);
        return socket;
    }

    private static void Send(Socket socket, string path, PtthKey key, bool streams)
    {
        string framing = streams ? "Transfer-Encoding: chunked" : "Content-Length: 0";
        socket.Send(Encoding.ASCII.GetBytes($"POST /v1/{path} HTTP/1.1\r\nHost: relay\r\nAuthorization: Bearer {key.Reveal()}\r\n{framing}\r\n\r\n"));
    }

    /// <summary>Reads the head of a 200 that nothing follows yet.</summary>
    private string ReadHead(Socket socket)
    {
        string head = "";
        while (!head.EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            head += Encoding.ASCII.GetString(_received.AsSpan(0, ReceiveSome(socket)));
        }

        return head.StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal)
            ? head
            : throw new InvalidOperationException($"The relay answered: {head}");
    }

    /// <summary>Receives chunks until that much payload has come, or the last chunk.</summary>
    private void Receive(Socket socket, ref ChunkDecoder decoder, long payloadBytes)
    {
        long left = payloadBytes;
        while (left > 0)
        {
            ReadOnlySpan<byte> input = _received.AsSpan(0, ReceiveSome(socket));
            ChunkStep step;
            while ((step = decoder.Next(input, out ChunkPiece piece)) == ChunkStep.Data)
            {
                left -= piece.DataLength;
                input = input[piece.Consumed..];
            }

            if (step == ChunkStep.End) return;
        }
    }

    private int ReceiveSome(Socket socket)
    {
        int received = socket.Receive(_received);
        return received > 0 ? received : throw new InvalidOperationException("The relay closed the connection.");
    }
}
