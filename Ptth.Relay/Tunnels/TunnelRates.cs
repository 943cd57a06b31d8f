using Ptth.Http.Flow;
using Ptth.Relay.Configuration;

namespace Ptth.Relay.Tunnels;

/// <summary>How fast tunnels may be: the limit that all tunnels of a client share, and each tunnel's own. Both directions count.</summary>
internal sealed class TunnelRates
{
    /// <summary>What stands for no limit where a client's tunnels had one: they keep the object.</summary>
    private const long Unlimited = 1L << 40;

    private readonly Dictionary<string, RateLimit> _ofClients = [];
    private long _ofTunnel;
    private readonly TimeProvider _time;

    public TunnelRates(RelayConfig config, TimeProvider time)
    {
        _time = time;
        Use(config);
    }

    /// <summary>
    /// Other rates from now on. A client's open tunnels follow its rate where they have one; those that began without any go on without.
    /// A tunnel's own rate stays what it was when it began.
    /// </summary>
    public void Use(RelayConfig config)
    {
        _ofTunnel = config.Limits.BytesPerSecondPerTunnel;
        HashSet<string> limited = [];
        foreach (ClientEntry client in config.Clients)
        {
            long rate = client.BytesPerSecond ?? config.Limits.BytesPerSecondPerClient;
            if (rate == 0) continue;
            limited.Add(client.Name);
            if (_ofClients.TryGetValue(client.Name, out RateLimit? present)) present.BytesPerSecond = rate;
            else _ofClients.Add(client.Name, new RateLimit(rate, _time));
        }

        foreach ((string client, RateLimit former) in _ofClients.Where(entry => !limited.Contains(entry.Key)).ToArray())
        {
            former.BytesPerSecond = Unlimited;
            _ofClients.Remove(client);
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
