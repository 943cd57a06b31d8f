namespace Ptth.Relay.Statistics;

/// <summary>A server's ports as they have been seen. It belongs to the board's lock. Times are the ticker's, milliseconds.</summary>
internal sealed class ServerPresence
{
    /// <summary>
    /// How many ports are remembered: with the default of 256 waiting listens no more can be online. Beyond it the one that has been away the longest is
    /// forgotten, and where none is away the new one is not remembered.
    /// </summary>
    public const int MaxPorts = 256;

    /// <summary>A port is online for that long after its last listen: a long poll that has ended is asked again at once, or a little later.</summary>
    public const long GraceMilliseconds = 5_000;

    private readonly SortedDictionary<string, PortPresence> _ports = new(StringComparer.Ordinal);

    /// <summary>Whether any port is online.</summary>
    public OnlineState State { get; } = new();

    /// <summary>The ports that are remembered, by name.</summary>
    public IReadOnlyDictionary<string, PortPresence> Ports => _ports;

    /// <summary>A listen begins to wait.</summary>
    public void ListenBegan(string port, long now)
    {
        if (Remember(port) is not { } presence) return;
        presence.Listens++;
        presence.LastSeen = now;
        presence.State.Set(true, now);
        State.Set(true, now);
    }

    /// <summary>A listen waits no longer.</summary>
    public void ListenEnded(string port, long now)
    {
        // One that was not remembered when it began may be by now, with other listens.
        if (!_ports.TryGetValue(port, out PortPresence? presence) || presence.Listens == 0) return;
        presence.Listens--;
        presence.LastSeen = now;
    }

    /// <summary>Looks at all ports.</summary>
    /// <param name="tunnels">How many tunnels the server has accepted on a port.</param>
    /// <param name="now">The time.</param>
    public void Update(Func<string, int> tunnels, long now)
    {
        bool isOnline = false;
        long lastSeen = 0;
        foreach ((string port, PortPresence presence) in _ports)
        {
            presence.Tunnels = tunnels(port);
            if (presence.Listens > 0 || presence.Tunnels > 0) presence.LastSeen = now;
            if (now - presence.LastSeen <= GraceMilliseconds) isOnline = true;
            else presence.State.Set(false, presence.LastSeen);
            lastSeen = Math.Max(lastSeen, presence.LastSeen);
        }

        if (!isOnline) State.Set(false, lastSeen);
    }

    private PortPresence? Remember(string port)
    {
        if (_ports.TryGetValue(port, out PortPresence? known)) return known;
        if (_ports.Count >= MaxPorts)
        {
            string? away = null;
            foreach ((string name, PortPresence presence) in _ports)
            {
                if (presence.Listens == 0 && presence.Tunnels == 0 && (away is null || presence.LastSeen < _ports[away].LastSeen)) away = name;
            }

            if (away is null) return null;
            _ports.Remove(away);
        }

        return _ports[port] = new PortPresence();
    }
}
