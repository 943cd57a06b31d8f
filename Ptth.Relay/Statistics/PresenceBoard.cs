using Ptth.Http.Transport;
using Ptth.Relay.Rendezvous;

namespace Ptth.Relay.Statistics;

/// <summary>Which servers and ports are online, by the listens that come.</summary>
internal sealed class PresenceBoard(Ticker ticker)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ServerPresence> _servers = new(StringComparer.Ordinal);
    private int _listens;

    /// <summary>How many listens wait.</summary>
    public int Listens
    {
        get
        {
            lock (_lock) return _listens;
        }
    }

    /// <summary>A listen begins to wait.</summary>
    public void ListenBegan(PortAddress address)
    {
        lock (_lock)
        {
            _listens++;
            if (!_servers.TryGetValue(address.Server, out ServerPresence? server)) _servers[address.Server] = server = new ServerPresence();
            server.ListenBegan(address.Port, ticker.NowMilliseconds);
        }
    }

    /// <summary>A listen waits no longer.</summary>
    public void ListenEnded(PortAddress address)
    {
        lock (_lock)
        {
            _listens--;
            _servers[address.Server].ListenEnded(address.Port, ticker.NowMilliseconds);
        }
    }

    /// <summary>Looks at all ports: which are away now.</summary>
    /// <param name="tunnels">How many tunnels there are to each port, accepted ones.</param>
    public void Update(IReadOnlyDictionary<PortAddress, int> tunnels)
    {
        long now = ticker.NowMilliseconds;
        lock (_lock)
        {
            foreach ((string name, ServerPresence server) in _servers)
                server.Update(port => tunnels.GetValueOrDefault(new PortAddress(name, port)), now);
        }
    }

    /// <summary>Shows a server, which is null where it has never been seen, under the board's lock.</summary>
    public T Show<T>(string server, Func<ServerPresence?, T> show)
    {
        lock (_lock) return show(_servers.GetValueOrDefault(server));
    }
}
