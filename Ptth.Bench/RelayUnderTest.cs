using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Ptth.Common.Protocol;
using Ptth.Http.Transport;
using Ptth.Relay;
using Ptth.Relay.Admission;
using Ptth.Relay.Configuration;
using Ptth.Relay.Rendezvous;
using Ptth.Relay.Tunnels;

namespace Ptth.Bench;

/// <summary>A relay in this process, on loopback.</summary>
internal sealed class RelayUnderTest : IDisposable
{
    private readonly Ticker _ticker = new(TimeProvider.System);
    private readonly RelayServer _server;

    public RelayUnderTest(KeyHash serverKey, KeyHash clientKey)
    {
        if (!AllowPattern.TryParse("*/*", out AllowPattern? any)) throw new InvalidOperationException("The pattern is not valid.");
        var config = new RelayConfig
        {
            Listen = [new IPEndPoint(IPAddress.Loopback, 0)],
            Servers = [new ServerEntry("s", new PartyKey(serverKey))],
            Clients = [new ClientEntry("c", new PartyKey(clientKey), [any])],
        };
        var context = new RelayContext(new Authenticator(config, TimeProvider.System), new InMemoryRendezvous(config.Limits, TimeProvider.System),
            new TunnelTable(config, _ticker, NullLogger.Instance), _ticker, TimeProvider.System, NullLogger.Instance);
        _server = new RelayServer(context, certificate: null);
        if (!_server.TryStart()) throw new InvalidOperationException("No port could be had on loopback.");
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint Address => _server.Addresses.Single();

    public void Dispose()
    {
        _server.Dispose();
        _ticker.Dispose();
    }
}
