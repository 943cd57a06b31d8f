using Microsoft.Extensions.Logging;
using Ptth.Common.Protocol;
using Ptth.Http;
using Ptth.Http.Transport;
using Ptth.Relay.Admission;
using Ptth.Relay.Audit;
using Ptth.Relay.Configuration;
using Ptth.Relay.Probes;
using Ptth.Relay.Reloading;
using Ptth.Relay.Rendezvous;
using Ptth.Relay.Statistics;
using Ptth.Relay.Tunnels;

namespace Ptth.Relay;

/// <summary>What all of the relay's endpoints work with.</summary>
internal sealed record RelayContext(
    Authenticator Authenticator,
    IRendezvous Rendezvous,
    TunnelTable Tunnels,
    Ticker Ticker,
    TimeProvider Time,
    ILogger Logger)
{
    private volatile Authenticator _authenticator = Authenticator;
    private volatile bool _draining;

    /// <summary>What is counted of it all.</summary>
    public RelayStatistics Statistics { get; } = new(Ticker);

    /// <summary>
    /// Who is known, and what is configured, now. Whoever needs more than one thing of it asks once: it is another one when the
    /// configuration has been read again.
    /// </summary>
    public Authenticator Authenticator => _authenticator;

    /// <summary>What is configured now.</summary>
    public RelayConfig Config => _authenticator.Config;

    /// <summary>How often the configuration was read again.</summary>
    public ReloadCounts Reloads { get; } = new();

    /// <summary>Who came in, and who did what; writes nothing until it is given a file.</summary>
    public AuditLog Audit { get; } = new(Ticker, Logger);

    /// <summary>The probes of the path that are under way.</summary>
    public ProbeDesk Probes { get; } = new();

    /// <summary>Says which process this is, in the answers about tunnels.</summary>
    public HttpField Identity { get; } = new(PtthHeaders.Relay.ToArray(), ConnectionId.New().ToString());

    /// <summary>Whether new tunnels are turned away.</summary>
    public bool IsDraining => _draining;

    /// <summary>
    /// Another configuration from now on. Each request is answered by the one or by the other. Waits and tunnels whose key is gone end; all
    /// others go on, also where a limit is now below what is open.
    /// </summary>
    public void Use(RelayConfig config)
    {
        Authenticator former = _authenticator;
        var next = new Authenticator(config, Time, former);
        Tunnels.Use(config);
        Rendezvous.Use(config.Limits);
        _authenticator = next;
        // What has been begun with such a key by now is found here; what comes later finds its key gone.
        former.TakeAwayKeysNotIn(next);
        Tunnels.EndThoseWhoseKeyIsGone();
    }

    /// <summary>Turns new tunnels away from now on, and ends the waits.</summary>
    public void StartDraining()
    {
        _draining = true;
        Rendezvous.Close();
        Probes.StartDraining();
    }
}
