using Ptth.Http.Flow;
using Ptth.Relay.Configuration;

namespace Ptth.Relay.Tunnels;

/// <summary>How fast tunnels may be: the limit that all tunnels of a client share, and each tunnel's own. Both directions count.</summary>
internal sealed class TunnelRates
{
    private readonly Dictionary<string, RateLimit> _ofClients = [];
    private readonly long _ofTunnel;
    private readonly TimeProvider _time;

    public TunnelRates(RelayConfig config, TimeProvider time)
    {
        _time = time;
        _ofTunnel = config.Limits.BytesPerSecondPerTunnel;
        foreach (ClientEntry client in config.Clients)
        {
            long rate = client.BytesPerSecond ?? config.Limits.BytesPerSecondPerClient;
            if (rate > 0) _ofClients.Add(client.Name, new RateLimit(rate, time));
        }
    }

    /// <summary>The paces of a new tunnel's two directions; null where nothing bounds them.</summary>
    public (FlowPace Up, FlowPace Down)? PacesFor(string client)
    {
        RateLimit? ofClient = _ofClients.GetValueOrDefault(client);
        if (ofClient is null && _ofTunnel == 0) return null;
        RateLimit? ofTunnel = _ofTunnel > 0 ? new RateLimit(_ofTunnel, _time) : null;
        RateLimit[] limits = [.. new[] { ofClient, ofTunnel }.OfType<RateLimit>()];
        return (new FlowPace(_time, limits), new FlowPace(_time, limits));
    }
}
