using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Ptth.Common.Hosting;
using Ptth.Common.Protocol;
using Ptth.Http.Flow;
using Ptth.Http.Transport;
using Ptth.Relay.Configuration;
using Ptth.Relay.Rendezvous;

namespace Ptth.Relay.Tunnels;

/// <summary>
/// All tunnels by their ID, counted by client and by server. One that failed is remembered a little longer, so that the party which comes late
/// learns that the other one has gone (410) rather than that there never was one (404).
/// </summary>
internal sealed class TunnelTable(RelayConfig config, Ticker ticker, ILogger logger) : ITicked
{
    /// <summary>How long a failed tunnel is remembered: as long as a server may take to accept.</summary>
    private const long RememberedMilliseconds = 10_000;

    private readonly Lock _lock = new();
    private RelayConfig _config = config;
    private readonly TunnelRates _rates = new(config, ticker.Time);
    private readonly Dictionary<ConnectionId, Tunnel> _tunnels = [];
    private readonly Dictionary<string, int> _openByClient = [];
    private readonly Dictionary<string, int> _openByServer = [];
    private readonly Queue<(Tunnel Tunnel, long ForgetAt)> _remembered = new();
    private readonly EmptySignal _empty = new();
    private readonly EmptySignal _settled = new();
    private readonly long[] _ended = new long[Enum.GetValues<TunnelEnd>().Length];
    private long _opened;
    private long _endedBytesUp;
    private long _endedBytesDown;
    private long _endedBytesSpliced;
    private int _open;
    private int _halfMade;

    /// <summary>How many tunnels have not ended.</summary>
    public int Open
    {
        get
        {
            lock (_lock) return _open;
        }
    }

    /// <summary>Begins a tunnel; false where the client, the server or the relay has too many.</summary>
    public bool TryCreate(
        string client, PortAddress address, [NotNullWhen(true)] out Tunnel? tunnel, out TunnelLimit reached, string? extras = null)
    {
        tunnel = null;
        lock (_lock)
        {
            reached = LimitFor(client, address.Server);
            if (reached != TunnelLimit.None) return false;
            _open++;
            _opened++;
            _halfMade++;
            Change(_openByClient, client, 1);
            Change(_openByServer, address.Server, 1);
            tunnel = new Tunnel(new Offer(ConnectionId.New(), address, client, extras), this, _config.Timeouts, ticker.NowMilliseconds, _rates.PacesFor(client));
            _tunnels.Add(tunnel.Offer.Id, tunnel);
        }

        ticker.Add(tunnel);
        return true;
    }

    /// <summary>A pace as of a tunnel's direction, for a party's bytes that no tunnel moves; null where nothing bounds them. A server has no rate but a tunnel's.</summary>
    public FlowPace? PaceFor(Principal party)
    {
        lock (_lock) return _rates.PacesFor(party.IsServer ? "" : party.Name)?.Up;
    }

    /// <summary>The tunnel of that ID, also one that has failed lately.</summary>
    public Tunnel? Find(ConnectionId id)
    {
        lock (_lock) return _tunnels.GetValueOrDefault(id);
    }

    /// <summary>All tunnels that have not ended, and what has been counted of the others at the same moment: no tunnel is missing, and none is in both.</summary>
    /// <param name="open">Gets the tunnels.</param>
    public TunnelCounts Look(List<Tunnel> open)
    {
        open.Clear();
        lock (_lock)
        {
            foreach (Tunnel tunnel in _tunnels.Values)
            {
                if (tunnel.IsCounted) open.Add(tunnel);
            }

            return new TunnelCounts(_opened, [.. _ended], _endedBytesUp, _endedBytesDown, _endedBytesSpliced);
        }
    }

    /// <summary>Other limits, time-outs and rates for tunnels to come; of the rates those of clients for the open ones too.</summary>
    public void Use(RelayConfig next)
    {
        lock (_lock)
        {
            _config = next;
            _rates.Use(next);
        }
    }

    /// <summary>Breaks all tunnels off.</summary>
    public void FailAll(TunnelEnd end)
    {
        foreach (Tunnel tunnel in All()) tunnel.Fail(end);
    }

    /// <summary>Breaks those off whose client's or server's key has been taken away.</summary>
    public void EndThoseWhoseKeyIsGone()
    {
        foreach (Tunnel tunnel in All()) tunnel.EndIfKeyIsGone();
    }

    /// <summary>Completes when no tunnel is open.</summary>
    public Task WhenEmptyAsync()
    {
        lock (_lock) return _empty.WhenEmpty(_open == 0);
    }

    /// <summary>Completes when no tunnel waits for one of its requests: each has all four, or has ended.</summary>
    public Task WhenSettledAsync()
    {
        lock (_lock) return _settled.WhenEmpty(_halfMade == 0);
    }

    /// <summary>A tunnel has all its requests, or has ended before that; it tells so once.</summary>
    public void OnSettled()
    {
        lock (_lock)
        {
            if (--_halfMade == 0) _settled.Set();
        }
    }

    /// <summary>A tunnel has ended; it tells so once.</summary>
    public void OnEnded(Tunnel tunnel, TunnelEnd end)
    {
        ticker.Remove(tunnel);
        long now = ticker.NowMilliseconds;
        long up = tunnel.Up.Bytes, down = tunnel.Down.Bytes, spliced = tunnel.Up.SplicedBytes + tunnel.Down.SplicedBytes;
        lock (_lock)
        {
            _open--;
            tunnel.IsCounted = false;
            _ended[(int)end]++;
            _endedBytesUp += up;
            _endedBytesDown += down;
            _endedBytesSpliced += spliced;
            Change(_openByClient, tunnel.Offer.Client, -1);
            Change(_openByServer, tunnel.Offer.Address.Server, -1);
            if ((end == TunnelEnd.Completed && !tunnel.HasSegments) || _remembered.Count >= _config.Limits.MaxTunnels) _tunnels.Remove(tunnel.Offer.Id);
            else _remembered.Enqueue((tunnel, now + RememberedMilliseconds));
            if (_open == 0) _empty.Set();
        }

        RelayLog.TunnelEnded(logger, tunnel.Offer.Id, tunnel.Offer.Client, tunnel.Offer.Address, end, tunnel.By,
            up, down, (now - tunnel.StartedMilliseconds) / 1000.0);
    }

    private TunnelLimit LimitFor(string client, string server)
    {
        if (_openByClient.GetValueOrDefault(client) >= _config.Limits.MaxTunnelsPerClient) return TunnelLimit.OfClient;
        // Before the server's: unless that is set it is the same.
        if (_open >= _config.Limits.MaxTunnels) return TunnelLimit.InAll;
        return _openByServer.GetValueOrDefault(server) >= _config.Limits.MaxTunnelsPerServer ? TunnelLimit.OfServer : TunnelLimit.None;
    }

    private Tunnel[] All()
    {
        lock (_lock) return [.. _tunnels.Values];
    }

    private static void Change(Dictionary<string, int> counts, string name, int by)
    {
        int count = counts.GetValueOrDefault(name) + by;
        if (count == 0) counts.Remove(name);
        else counts[name] = count;
    }

    /// <inheritdoc/>
    void ITicked.OnTick(long nowMilliseconds)
    {
        lock (_lock)
        {
            while (_remembered.TryPeek(out var oldest) && oldest.ForgetAt <= nowMilliseconds)
            {
                _remembered.Dequeue();
                _tunnels.Remove(oldest.Tunnel.Offer.Id);
            }
        }
    }
}
