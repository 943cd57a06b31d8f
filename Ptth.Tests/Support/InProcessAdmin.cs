using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using NUnit.Framework;
using Ptth.Common.Protocol;
using Ptth.Relay.Admin;
using Ptth.Relay.Admin.Status;
using Ptth.Relay.Configuration;

namespace Ptth.Tests.Support;

/// <summary>The admin listener of an <see cref="InProcessRelay"/>, on loopback. It has to end before the relay does.</summary>
internal sealed class InProcessAdmin : IDisposable
{
    private readonly InProcessRelay _relay;
    private readonly AdminServer _server;
    private readonly List<InProcessPeer> _peers = [];

    public InProcessAdmin(InProcessRelay relay, PtthKey? key = null)
    {
        _relay = relay;
        _server = new AdminServer(new AdminEntry(new IPEndPoint(IPAddress.Loopback, 0), key?.Hash()), relay.Context, relay.Server);
        Assert.That(_server.TryStart(), Is.True);
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint => _server.EndPoint;

    /// <summary>How many connections to it are open.</summary>
    public int Connections => _server.Connections;

    /// <summary>A request's head; <paramref name="fields"/> are lines that end in CRLF, and bring their own Host where they have one.</summary>
    public static string Head(string path, string method = "GET", string fields = "", string version = "HTTP/1.1")
    {
        string host = fields.StartsWith("Host:", StringComparison.Ordinal) ? "" : "Host: 127.0.0.1\r\n";
        return $"{method} {path} {version}\r\n{host}{fields}\r\n";
    }

    /// <summary>The field that carries a key as browsers send it.</summary>
    public static string Basic(string userAndPassword) => $"Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(userAndPassword))}\r\n";

    /// <summary>Opens a connection.</summary>
    public async Task<InProcessPeer> OpenAsync(CancellationToken token, IPAddress? from = null)
    {
        InProcessPeer peer = await InProcessPeer.ConnectAsync(_server.EndPoint, token, from);
        _peers.Add(peer);
        return peer;
    }

    /// <summary>How a new connection ends that is not served.</summary>
    public async Task<PeerEnd> OpenRefusedAsync(CancellationToken token)
    {
        try
        {
            return (await (await OpenAsync(token)).ReadToEndAsync(token)).End;
        }
        catch (SocketException failure) when (failure.SocketErrorCode == SocketError.ConnectionReset)
        {
            // It was reset before it had been told that it was there.
            await Task.Yield();
            return PeerEnd.Reset;
        }
    }

    /// <summary>Opens a connection, sends a request, reads the answer and closes.</summary>
    public async Task<PeerMessage> AskAsync(string path, CancellationToken token, string method = "GET", string fields = "", IPAddress? from = null)
    {
        using InProcessPeer peer = await OpenAsync(token, from);
        await peer.SendAsync(Head(path, method, fields), token);
        PeerMessage head = await peer.ReadHeadAsync(token);
        return method == "HEAD" || head["Content-Length"] is not { } length
            ? head
            : head with { Body = await peer.ReadExactlyAsync(int.Parse(length, System.Globalization.CultureInfo.InvariantCulture), token) };
    }

    /// <summary>The status, made anew.</summary>
    public Task<StatusDocument> StatusAsync(CancellationToken token, string fields = "")
    {
        // A document stays fresh for a tenth of a second.
        _relay.Advance(0.1);
        return FreshStatusAsync(token, fields);
    }

    /// <summary>The status, perhaps one that was made just now.</summary>
    public async Task<StatusDocument> FreshStatusAsync(CancellationToken token, string fields = "")
    {
        PeerMessage answer = await AskAsync("/api/v1/status", token, fields: fields);
        Assert.That((answer.Status, answer["Content-Type"]), Is.EqualTo((200, "application/json")));
        return JsonSerializer.Deserialize(answer.Body, StatusJson.Default.StatusDocument)!;
    }

    /// <summary>Opens a stream of events and reads its head.</summary>
    public async Task<InProcessPeer> WatchAsync(CancellationToken token)
    {
        InProcessPeer peer = await OpenAsync(token);
        await peer.SendAsync(Head("/api/v1/events"), token);
        PeerMessage head = await peer.ReadHeadAsync(token);
        Assert.That((head.Status, head["Content-Type"]), Is.EqualTo((200, "text/event-stream")), head.Head);
        return peer;
    }

    /// <summary>Reads the next event of a stream.</summary>
    public static async Task<StatusDocument> ReadEventAsync(InProcessPeer stream, CancellationToken token)
    {
        string text = Encoding.UTF8.GetString(await stream.ReadChunkAsync(token) ?? throw new EndOfStreamException());
        Assert.That(text, Does.Match("^event: status\ndata: \\{[^\n]*\\}\n\n$"));
        return JsonSerializer.Deserialize(text["event: status\ndata: ".Length..], StatusJson.Default.StatusDocument)!;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (InProcessPeer peer in _peers) peer.Dispose();
        _server.Dispose();
    }
}
