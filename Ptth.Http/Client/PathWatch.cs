using Ptth.Http.Transport;

namespace Ptth.Http.Client;

/// <summary>
/// Finds out within 4 s that the connections which rest lead nowhere any more: a NAT on the way has forgotten them, the network is another one,
/// the host at the other end is. Usual keepalive needs a minute for that, and what waits on them would wait as long for an answer that never comes.
/// </summary>
/// <remarks>
/// One of them stands for all, since all take the same path: the kernel probes its peer after each second of rest, which costs a packet each way.
/// When it has been silent for another second all others are probed, too, and a second later whoever has not answered is broken off. Where
/// answers take longer, by what the kernel saw, so does this. What owes nothing is never broken off: a peer that is there and does not read.
/// </remarks>
internal sealed class PathWatch
{
    /// <summary>How long the one may owe an answer before all others are asked.</summary>
    private const long AlarmMilliseconds = 1000;

    /// <summary>How long it may owe one in all: two probes, and longer where the kernel itself would wait longer before it sends again.</summary>
    private const long LeastPatienceMilliseconds = 2000;
    private const long MostPatienceMilliseconds = 15_000;

    /// <summary>By how much ticks may come early.</summary>
    private const long SlackMilliseconds = 100;

    private readonly Lock _lock = new();
    private readonly HashSet<ClientConnection> _resting = [];
    private readonly int _restSeconds;
    private ClientConnection? _probed;
    private long _answeredAt;
    private long? _alarmedAt;

    /// <summary>Watches nothing yet.</summary>
    /// <param name="rest">The rest before a probe, whole seconds; infinite for no probes.</param>
    public PathWatch(TimeSpan rest) => _restSeconds = rest == Timeout.InfiniteTimeSpan ? 0 : (int)rest.TotalSeconds;

    /// <summary>A connection rests from now on: it is kept, or an answer is waited for.</summary>
    public void Enter(ClientConnection connection)
    {
        if (_restSeconds == 0) return;
        lock (_lock) _resting.Add(connection);
    }

    /// <summary>It rests no longer.</summary>
    public void Leave(ClientConnection connection)
    {
        if (_restSeconds == 0) return;
        bool wasProbed;
        lock (_lock)
        {
            if (!_resting.Remove(connection)) return;
            wasProbed = _probed == connection || _alarmedAt is not null;
            if (_probed == connection) Forget();
        }

        if (wasProbed) connection.Connection.Channel.Check(PeerCheck.Usual);
    }

    /// <summary>Looks. Called about once a second by one thread at a time.</summary>
    /// <param name="nowMilliseconds">The time, as <see cref="Ticker.NowMilliseconds"/>.</param>
    public void OnTick(long nowMilliseconds)
    {
        List<ClientConnection> gone = [];
        lock (_lock)
        {
            if (_probed is null) Choose(nowMilliseconds);
            else if (Owes(_probed.Connection.Channel.Debt, nowMilliseconds)) Judge(gone, nowMilliseconds);
        }

        gone.ForEach(static connection => connection.BreakOffUnanswered());
    }

    private void Choose(long now)
    {
        foreach (ClientConnection any in _resting)
        {
            any.Connection.Channel.Check(PeerCheck.Close(_restSeconds));
            (_probed, _answeredAt) = (any, now);
            return;
        }
    }

    /// <summary>Whether the one has owed an answer for long enough that the others are probed.</summary>
    private bool Owes(PeerDebt? debt, long now)
    {
        if (debt is not { } owed || owed.SilentMilliseconds < _restSeconds * 1000) _answeredAt = now;
        if (now - _answeredAt + SlackMilliseconds >= (_restSeconds * 1000) + AlarmMilliseconds) return true;
        if (_alarmedAt is not null) StandDown();
        return false;
    }

    private void Judge(List<ClientConnection> gone, long now)
    {
        if (_alarmedAt is not { } alarmed)
        {
            _alarmedAt = now;
            CheckOthers(PeerCheck.Close(1));
            return;
        }

        long patience = Math.Clamp(_probed!.Connection.Channel.Debt?.RoundTripMilliseconds ?? 0, LeastPatienceMilliseconds, MostPatienceMilliseconds);
        if (now - _answeredAt + SlackMilliseconds < (_restSeconds * 1000) + patience) return;
        foreach (ClientConnection connection in _resting)
        {
            if (connection.Connection.Channel.Debt is { } debt && debt.SilentMilliseconds >= now - alarmed) gone.Add(connection);
        }

        foreach (ClientConnection connection in gone) _resting.Remove(connection);
        StandDown();
        if (!_resting.Contains(_probed)) Forget();
    }

    private void StandDown()
    {
        _alarmedAt = null;
        CheckOthers(PeerCheck.Usual);
    }

    private void CheckOthers(PeerCheck check)
    {
        foreach (ClientConnection connection in _resting)
        {
            if (connection != _probed) connection.Connection.Channel.Check(check);
        }
    }

    private void Forget()
    {
        _probed = null;
        if (_alarmedAt is not null) StandDown();
    }
}
