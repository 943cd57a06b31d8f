using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Ptth.Common.Hosting;
using Ptth.Common.Protocol;
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
    private readonly TunnelRates _rates = new(config, ticker.Time);
    private readonly Dictionary<ConnectionId, Tunnel> _tunnels = [];
    private readonly Dictionary<string, int> _openByClient = [];
    private readonly Dictionary<string, int> _openByServer = [];
    private readonly Queue<(Tunnel Tunnel, long ForgetAt)> _remembered = new();
    private readonly EmptySignal _empty = new();
    private int _open;

    /// <summary>How many tunnels have not ended.</summary>
    public int Open
    {
        get
        {
            lock (_lock) return _open;
        }
    }

    /// <summary>Begins a tunnel; false where the client, the server or the relay has too many.</summary>
    public bool TryCreate(string client, PortAddress address, [NotNullWhen(true)] out Tunnel? tunnel, string? extras = null)
    {
        tunnel = null;
        lock (_lock)
        {
            if (_open >= config.Limits.MaxTunnels
                || _openByClient.GetValueOrDefault(client) >= config.Limits.MaxTunnelsPerClient
                || _openByServer.GetValueOrDefault(address.Server) >= config.Limits.MaxTunnelsPerServer) return false;
            _open++;
            Change(_openByClient, client, 1);
            Change(_openByServer, address.Server, 1);
            tunnel = new Tunnel(new Offer(ConnectionId.New(), address, client, extras), this, config.Timeouts, ticker.NowMilliseconds, _rates.PacesFor(client));
            _tunnels.Add(tunnel.Offer.Id, tunnel);
        }

        ticker.Add(tunnel);
        return true;
    }

    /// <summary>The tunnel of that ID, also one that has failed lately.</summary>
    public Tunnel? Find(ConnectionId id)
    {
        lock (_lock) return _tunnels.GetValueOrDefault(id);
    }

    /// <summary>Breaks all tunnels off.</summary>
    public void FailAll(TunnelEnd end)
    {
        Tunnel[] all;
        lock (_lock) all = [.. _tunnels.Values];
        foreach (Tunnel tunnel in all) tunnel.Fail(end);
    }

    /// <summary>Completes when no tunnel is open.</summary>
    public Task WhenEmptyAsync()
    {
        lock (_lock) return _empty.WhenEmpty(_open == 0);
    }

    /// <summary>A tunnel has ended; it tells so once.</summary>
    public void OnEnded(Tunnel tunnel, TunnelEnd end)
    {
        ticker.Remove(tunnel);
        long now = ticker.NowMilliseconds;
        lock (_lock)
        {
            _open--;
            Change(_openByClient, tunnel.Offer.Client, -1);
            Change(_openByServer, tunnel.Offer.Address.Server, -1);
            if (end == TunnelEnd.Completed || _remembered.Count >= config.Limits.MaxTunnels) _tunnels.Remove(tunnel.Offer.Id);
            else _remembered.Enqueue((tunnel, now + RememberedMilliseconds));
            if (_open == 0) _empty.Set();
        }

        RelayLog.TunnelEnded(logger, tunnel.Offer.Id, tunnel.Offer.Client, tunnel.Offer.Address, end,
            tunnel.Up.Bytes, tunnel.Down.Bytes, (now - tunnel.StartedMilliseconds) / 1000.0);
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
