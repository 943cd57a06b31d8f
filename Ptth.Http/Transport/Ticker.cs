namespace Ptth.Http.Transport;

/// <summary>Something with deadlines of whole seconds; see <see cref="Ticker"/>.</summary>
public interface ITicked
{
    /// <summary>Called about once a second, on the timer's thread; must not block.</summary>
    /// <param name="nowMilliseconds">The time, as <see cref="Ticker.NowMilliseconds"/>.</param>
    void OnTick(long nowMilliseconds);
}

/// <summary>
/// One coarse timer for all connections and tunnels: once a second each is asked whether one of its deadlines has passed. A timer
/// for each would cost memory and a heap operation at every byte that moves a deadline.
/// </summary>
public sealed class Ticker : IDisposable
{
    /// <summary>The deadline of something that has none.</summary>
    public const long Never = long.MaxValue;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly HashSet<ITicked> _items = [];
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private ITicked[] _snapshot = [];
    private int _ticking;

    /// <summary>Starts ticking.</summary>
    public Ticker(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        _time = time;
        _timer = time.CreateTimer(static state => ((Ticker)state!).Tick(), this, Period, Period);
    }

    /// <summary>Where its time comes from.</summary>
    public TimeProvider Time => _time;

    /// <summary>A monotonic clock in milliseconds; its zero means nothing.</summary>
    public long NowMilliseconds => _time.GetTimestamp() / (_time.TimestampFrequency / 1000);

    /// <summary>How many items are asked at each tick.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _items.Count;
        }
    }

    /// <summary>The deadline that lies <paramref name="span"/> ahead; never for an infinite span.</summary>
    public long DeadlineIn(TimeSpan span) =>
        span == Timeout.InfiniteTimeSpan ? Never : NowMilliseconds + (long)span.TotalMilliseconds;

    /// <summary>Asks <paramref name="item"/> from now on.</summary>
    public void Add(ITicked item)
    {
        lock (_lock) _items.Add(item);
    }

    /// <summary>Asks it no longer. A tick that is under way may still reach it once.</summary>
    public void Remove(ITicked item)
    {
        lock (_lock) _items.Remove(item);
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Tick()
    {
        // A tick that the machine had no time for is left out; the next one makes up for it.
        if (Interlocked.Exchange(ref _ticking, 1) == 1) return;
        try
        {
            TickAll();
        }
        finally
        {
            Volatile.Write(ref _ticking, 0);
        }
    }

    private void TickAll()
    {
        int count;
        lock (_lock)
        {
            count = _items.Count;
            // Room for half as many again; given back when most of it is no longer needed.
            if (_snapshot.Length < count || _snapshot.Length > 64 + (4 * count)) _snapshot = new ITicked[count + (count / 2)];
            _items.CopyTo(_snapshot);
        }

        long now = NowMilliseconds;
        for (int i = 0; i < count; i++)
        {
            _snapshot[i].OnTick(now);
            _snapshot[i] = null!;
        }
    }
}
