using Ptth.Common.Cli;
using Ptth.Relay.Admin.Status;
using Ptth.Relay.Configuration;
using Ptth.Relay.Rendezvous;
using Ptth.Relay.Statistics;
using Ptth.Relay.Tunnels;

namespace Ptth.Relay.Admin;

/// <summary>Makes the status document out of what the relay's parts know of themselves.</summary>
/// <param name="context">The relay's parts.</param>
/// <param name="server">Its listeners and connections.</param>
/// <param name="sampler">Its rates.</param>
internal sealed class StatusSource(RelayContext context, RelayServer server, TrafficSampler sampler)
{
    /// <summary>How many tunnels are told one by one: more than anybody reads, and a quarter of a megabyte.</summary>
    public const int MaxTunnels = 1000;

    private static readonly string Version = CommandLine.VersionOf(typeof(StatusSource).Assembly);

    private readonly DateTimeOffset _started = context.Time.GetUtcNow();

    /// <summary>The relay as it is now.</summary>
    public StatusDocument Make()
    {
        var open = new List<Tunnel>();
        TunnelCounts counts = context.Tunnels.Look(open);
        TrafficSums sums = sampler.Sum(open, counts);
        Throughput throughput = sampler.Now;
        var clock = new StatusClock(context.Time.GetUtcNow(), context.Ticker.NowMilliseconds);
        RelayConfig config = context.Config;
        int accepted = 0;
        var byClient = new Dictionary<string, int>(StringComparer.Ordinal);
        var byPort = new Dictionary<PortAddress, int>();
        foreach (Tunnel tunnel in open)
        {
            Offer offer = tunnel.Offer;
            byClient[offer.Client] = byClient.GetValueOrDefault(offer.Client) + 1;
            if (!tunnel.IsAnswered) continue;
            accepted++;
            byPort[offer.Address] = byPort.GetValueOrDefault(offer.Address) + 1;
        }

        return new StatusDocument(
            Version,
            clock.Now,
            _started,
            (clock.Now - _started).TotalSeconds,
            context.IsDraining ? "draining" : "running",
            [.. server.PlainAddresses.Select(static address => address.ToString())],
            [.. server.TlsAddresses.Select(static address => address.ToString())],
            new ConnectionsStatus(server.Connections, server.Unauthenticated, config.Limits.MaxConnections),
            new BytesStatus(sums.Up, sums.Down, Rounded(throughput.Up), Rounded(throughput.Down)),
            new TunnelsStatus(accepted, open.Count - accepted, config.Limits.MaxTunnels, counts.Opened, ByName(SnakeCase<TunnelEnd>.All, counts.Ended)),
            [.. config.Servers.Select(entry => Describe(entry.Name, byPort, clock))],
            [.. config.Clients.Select(entry => new ClientStatus(entry.Name, byClient.GetValueOrDefault(entry.Name)))],
            [.. Chosen(open).Select(tunnel => Describe(tunnel, clock))],
            Math.Max(0, open.Count - MaxTunnels),
            Rejected(),
            DescribePast());
    }

    /// <summary>Those that are told: what moves most first, then the youngest.</summary>
    private static IEnumerable<Tunnel> Chosen(List<Tunnel> open)
    {
        // A rate that changes while it is sorted by would confuse the sort.
        var keys = open.ConvertAll(static tunnel => (Rate: tunnel.Rate.Total, tunnel.StartedMilliseconds, Tunnel: tunnel));
        keys.Sort(static (first, second) => second.Rate != first.Rate
            ? second.Rate.CompareTo(first.Rate)
            : second.StartedMilliseconds.CompareTo(first.StartedMilliseconds));
        return keys.Take(MaxTunnels).Select(static key => key.Tunnel);
    }

    private static TunnelStatus Describe(Tunnel tunnel, StatusClock clock)
    {
        Offer offer = tunnel.Offer;
        RateSample rate = tunnel.Rate;
        return new TunnelStatus(
            offer.Id.ToString(),
            offer.Client,
            offer.Address.Server,
            offer.Address.Port,
            !tunnel.IsAnswered ? "waiting" : tunnel.IsAttached ? "open" : "accepted",
            clock.TimeOf(tunnel.StartedMilliseconds),
            (clock.Milliseconds - tunnel.StartedMilliseconds) / 1000.0,
            tunnel.Up.Bytes,
            tunnel.Down.Bytes,
            rate.Up is { } up ? Rounded(up) : null,
            rate.Down is { } down ? Rounded(down) : null);
    }

    private ServerStatus Describe(string name, Dictionary<PortAddress, int> tunnels, StatusClock clock) => context.Statistics.Presence.Show(name, presence =>
        presence is null
            ? new ServerStatus(name, false, null, [])
            : new ServerStatus(name, presence.State.IsOnline, clock.TimeOf(presence.State.SinceMilliseconds),
            [
                .. presence.Ports.Select(port => new PortStatus(port.Key, port.Value.State.IsOnline, clock.TimeOf(port.Value.State.SinceMilliseconds),
                    port.Value.Listens, tunnels.GetValueOrDefault(new PortAddress(name, port.Key)))),
            ]));

    private Dictionary<string, long> Rejected()
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (CounterSet set in new[] { context.Statistics.Refused, context.Statistics.TurnedAway })
        {
            foreach ((string name, long count) in set.All()) counts.Add(name, count);
        }

        return counts;
    }

    private ThroughputSample[] DescribePast()
    {
        Throughput[] past = sampler.Past();
        return [.. past.Select((sample, index) => new ThroughputSample(past.Length - index, Rounded(sample.Up), Rounded(sample.Down)))];
    }

    private static Dictionary<string, long> ByName(IReadOnlyList<string> names, long[] counts)
    {
        var byName = new Dictionary<string, long>(counts.Length, StringComparer.Ordinal);
        for (int number = 0; number < counts.Length; number++) byName.Add(names[number], counts[number]);
        return byName;
    }

    /// <summary>Tenths are enough for whoever looks, and shorter.</summary>
    private static double Rounded(double rate) => Math.Round(rate, 1);
}
