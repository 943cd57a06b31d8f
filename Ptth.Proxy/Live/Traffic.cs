using Ptth.Proxy.Tunnels;

namespace Ptth.Proxy.Live;

/// <summary>The tunnels that a proxy has open and what all of them have moved. Flows count for themselves; what they moved is added up when somebody asks.</summary>
internal sealed class Traffic
{
    private readonly Lock _lock = new();
    private readonly HashSet<TunnelPump> _open = [];
    private long _endedSent;
    private long _endedReceived;

    /// <summary>A tunnel has come about.</summary>
    public void Add(TunnelPump pump)
    {
        lock (_lock) _open.Add(pump);
    }

    /// <summary>A tunnel has ended; what it moved stays in the totals.</summary>
    public void Remove(TunnelPump pump)
    {
        lock (_lock)
        {
            if (!_open.Remove(pump)) return;
            _endedSent += pump.SentBytes;
            _endedReceived += pump.ReceivedBytes;
        }
    }

    /// <summary>Tunnels open, and the bytes sent to the relay and received from it since the start.</summary>
    public (int Tunnels, long SentBytes, long ReceivedBytes) Sum()
    {
        lock (_lock)
        {
            long sent = _endedSent, received = _endedReceived;
            foreach (TunnelPump pump in _open)
            {
                sent += pump.SentBytes;
                received += pump.ReceivedBytes;
            }

            return (_open.Count, sent, received);
        }
    }
}
