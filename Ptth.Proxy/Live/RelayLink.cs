namespace Ptth.Proxy.Live;

/// <summary>Notes how a proxy's requests to the relay go, so that somebody who looks can be told. Thread-safe.</summary>
internal sealed class RelayLink(TimeProvider time)
{
    private readonly Lock _lock = new();
    private volatile LinkState _state;
    private long _since = time.GetTimestamp();
    private string _reason = "";
    private long? _nextTry;
    private int _losses;

    /// <summary>Whether the last request went as it should.</summary>
    public bool IsConnected => _state == LinkState.Connected;

    /// <summary>How often the relay was lost.</summary>
    public int Losses => Volatile.Read(ref _losses);

    /// <summary>How things stand.</summary>
    public LinkReport Report()
    {
        lock (_lock)
        {
            long now = time.GetTimestamp();
            return new LinkReport(_state, time.GetElapsedTime(_since, now), _reason,
                _nextTry is { } next ? time.GetElapsedTime(now, Math.Max(now, next)) : null);
        }
    }

    /// <summary>A request went as it should.</summary>
    public void Succeeded()
    {
        // The usual case, once for each listen and each connection: no lock.
        if (_state != LinkState.Connected) Set(LinkState.Connected, "", null);
    }

    /// <summary>A request failed.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="nextTry">How long until the relay is tried again; null where nobody will try by itself.</param>
    public void Failed(string reason, TimeSpan? nextTry) => Set(LinkState.Lost, reason, nextTry);

    private void Set(LinkState state, string reason, TimeSpan? nextTry)
    {
        lock (_lock)
        {
            long now = time.GetTimestamp();
            if (_state != state)
            {
                _since = now;
                if (state == LinkState.Lost) _losses++;
            }

            _state = state;
            _reason = reason;
            _nextTry = nextTry is { } wait ? now + (long)(wait.TotalSeconds * time.TimestampFrequency) : null;
        }
    }
}
