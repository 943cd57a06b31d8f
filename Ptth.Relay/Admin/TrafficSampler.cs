using Ptth.Relay.Rendezvous;
using Ptth.Relay.Tunnels;

namespace Ptth.Relay.Admin;

/// <summary>
/// Looks at all tunnels once a second: what they have moved, how fast, and to which ports they go. It exists where there is an admin
/// listener only; the counters are the tunnels' own, and are summed when it looks.
/// </summary>
internal sealed class TrafficSampler(RelayContext context)
{
    /// <summary>How many seconds of throughput are kept.</summary>
    public const int Seconds = 120;

    private readonly Lock _lock = new();
    private readonly List<Tunnel> _tunnels = [];
    private readonly Dictionary<PortAddress, int> _accepted = [];
    private readonly Throughput[] _ring = new Throughput[Seconds];
    private int _samples;
    private long _lookedAt = context.Ticker.NowMilliseconds;
    private TrafficSums _atLook;
    private TrafficSums _sums;
    private Throughput _now;

    /// <summary>The throughput between the last two looks.</summary>
    public Throughput Now
    {
        get
        {
            lock (_lock) return _now;
        }
    }

    /// <summary>The throughput of the last seconds, the oldest first.</summary>
    public Throughput[] Past()
    {
        lock (_lock)
        {
            var past = new Throughput[Math.Min(_samples, Seconds)];
            for (int i = 0; i < past.Length; i++) past[i] = _ring[(_samples - past.Length + i) % Seconds];
            return past;
        }
    }

    /// <summary>What all tunnels have moved, those that have ended included.</summary>
    /// <param name="open">Those that have not.</param>
    /// <param name="counts">What was counted of the others at the same moment.</param>
    public TrafficSums Sum(List<Tunnel> open, TunnelCounts counts)
    {
        long up = counts.EndedBytesUp, down = counts.EndedBytesDown, spliced = counts.EndedBytesSpliced;
        foreach (Tunnel tunnel in open)
        {
            up += tunnel.Up.Bytes;
            down += tunnel.Down.Bytes;
            spliced += tunnel.Up.SplicedBytes + tunnel.Down.SplicedBytes;
        }

        // A tunnel that has ended since may have moved a little more than was counted at its end.
        lock (_lock) return _sums = _sums.AtLeast(new TrafficSums(up, down, spliced));
    }

    /// <summary>Looks at all tunnels; once a second, by one caller.</summary>
    public void Look(long nowMilliseconds)
    {
        // The ticker's clock may not have moved: no time, no rate.
        double seconds = (nowMilliseconds - _lookedAt) / 1000.0;
        if (seconds <= 0) return;
        TrafficSums before = _atLook;
        _atLook = Sum(_tunnels, context.Tunnels.Look(_tunnels));
        _accepted.Clear();
        foreach (Tunnel tunnel in _tunnels)
        {
            tunnel.Rate.Take(tunnel.Up.Bytes, tunnel.Down.Bytes, tunnel.StartedMilliseconds <= _lookedAt ? seconds : 0);
            if (tunnel.IsAnswered) _accepted[tunnel.Offer.Address] = _accepted.GetValueOrDefault(tunnel.Offer.Address) + 1;
        }

        _tunnels.Clear();
        _lookedAt = nowMilliseconds;
        context.Statistics.Presence.Update(_accepted);
        lock (_lock)
        {
            _now = new Throughput((_atLook.Up - before.Up) / seconds, (_atLook.Down - before.Down) / seconds);
            _ring[_samples++ % Seconds] = _now;
        }
    }
}
