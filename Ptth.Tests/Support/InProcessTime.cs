using Microsoft.Extensions.Time.Testing;

namespace Ptth.Tests.Support;

/// <summary>A clock that the test moves, and that knows how many timers wait for it: one that is made later would wait longer.</summary>
internal sealed class InProcessTime : FakeTimeProvider
{
    private int _timers;

    /// <summary>How many timers were made and not disposed.</summary>
    public int Timers => Volatile.Read(ref _timers);

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ITimer timer = base.CreateTimer(callback, state, dueTime, period);
        Interlocked.Increment(ref _timers);
        return new Counted(this, timer);
    }

    private sealed class Counted(InProcessTime time, ITimer timer) : ITimer
    {
        private int _disposed;

        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(dueTime, period);

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0) Interlocked.Decrement(ref time._timers);
            timer.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
