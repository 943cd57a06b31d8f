using Microsoft.Extensions.Logging;
using Ptth.Http.Transport;
using Ptth.Relay.Admission;
using Ptth.Relay.Audit;
using Ptth.Relay.Configuration;
using Ptth.Relay.Rendezvous;
using Ptth.Relay.Statistics;
using Ptth.Relay.Tunnels;

namespace Ptth.Relay;

/// <summary>What all of the relay's endpoints work with.</summary>
internal sealed record RelayContext(
    RelayConfig Config,
    Authenticator Authenticator,
    IRendezvous Rendezvous,
    TunnelTable Tunnels,
    Ticker Ticker,
    TimeProvider Time,
    ILogger Logger)
{
    private volatile bool _draining;

    /// <summary>What is counted of it all.</summary>
    public RelayStatistics Statistics { get; } = new(Ticker);

    /// <summary>Who came in, and who did what; writes nothing until it is given a file.</summary>
    public AuditLog Audit { get; } = new(Ticker, Logger);

    /// <summary>Whether new tunnels are turned away.</summary>
    public bool IsDraining => _draining;

    /// <summary>Turns new tunnels away from now on, and ends the waits.</summary>
    public void StartDraining()
    {
        _draining = true;
        Rendezvous.Close();
    }
}
