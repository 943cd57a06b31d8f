using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Ptth.Common.Protocol;
using Ptth.Http.Transport;
using Ptth.Relay;
using Ptth.Relay.Configuration;
using Ptth.Relay.Rendezvous;
using Ptth.Relay.Tunnels;

namespace Ptth.Bench;

/// <summary>A relay in this process, on loopback, and the four blocking sockets of one tunnel through it.</summary>
internal sealed class RelayUnderTest : IDisposable
{
    private readonly PtthKey _serverKey = PtthKey.Generate();
    private readonly PtthKey _clientKey = PtthKey.Generate();
    private readonly Ticker _ticker = new(TimeProvider.System);
    private readonly RelayServer _server;

    public RelayUnderTest()
    {
        if (!AllowPattern.TryParse("*/*", out AllowPattern? any)) throw new InvalidOperationException("The pattern is not valid.");
        var config = new RelayConfig
        {
            Listen = [new IPEndPoint(IPAddress.Loopback, 0)],
            Servers = [new ServerEntry("s", _serverKey.Hash())],
            Clients = [new ClientEntry("c", _clientKey.Hash(), [any])],
        };
        var context = new RelayContext(config, new Authenticator(config), new InMemoryRendezvous(config.Limits, TimeProvider.System),
            new TunnelTable(config, _ticker, NullLogger.Instance), _ticker, TimeProvider.System, NullLogger.Instance);
        _server = new RelayServer(context);
        if (!_server.TryStart()) throw new InvalidOperationException("No port could be had on loopback.");
        OpenTunnel();
    }

    /// <summary>The client's bytes go in here, chunked.</summary>
    public Socket Upstream { get; private set; } = null!;

    /// <summary>And come out here, behind a response's head that was read.</summary>
    public Socket Accept { get; private set; } = null!;

    /// <summary>The server's bytes go in here.</summary>
    public Socket Downstream { get; private set; } = null!;

    /// <summary>And come out here.</summary>
    public Socket Connect { get; private set; } = null!;

    public void Dispose()
    {
        foreach (Socket socket in new[] { Upstream, Accept, Downstream, Connect }) socket.Dispose();
        _server.Dispose();
        _ticker.Dispose();
    }

    private void OpenTunnel()
    {
        Socket listen = Send("listen/p", _serverKey, streams: false);
        Connect = Send("connect/s/p", _clientKey, streams: false);
        string id = ReadHead(listen).Split('\n').Single(static line => line.StartsWith("Ptth-Connection:", StringComparison.Ordinal))[16..].Trim();
        listen.Dispose();
        Accept = Send($"accept/{id}", _serverKey, streams: false);
        ReadHead(Accept);
        ReadHead(Connect);
        Upstream = Send($"upstream/{id}", _clientKey, streams: true);
        Downstream = Send($"downstream/{id}", _serverKey, streams: true);
    }

    private Socket Send(string path, PtthKey key, bool streams)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(_server.Addresses.Single());
        string framing = streams ? "Transfer-Encoding: chunked" : "Content-Length: 0";
        socket.Send(Encoding.ASCII.GetBytes($"POST /v1/{path} HTTP/1.1\r\nHost: relay\r\nAuthorization: Bearer {key.Reveal()}\r\n{framing}\r\n\r\n"));
        return socket;
    }

    private static string ReadHead(Socket socket)
    {
        var head = new StringBuilder();
        byte[] one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (socket.Receive(one) == 0) throw new InvalidOperationException($"The relay closed the connection after: {head}");
            head.Append((char)one[0]);
        }

        return head.ToString().StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal)
            ? head.ToString()
            : throw new InvalidOperationException($"The relay answered: {head}");
    }
}
