using System.Runtime.CompilerServices;
using Microsoft.Extensions.Time.Testing;

namespace Ptth.Tests.Support;

/// <summary>A clock that the test moves, and that knows how many timers wait for it: one that begins to wait later would wait longer.</summary>
internal sealed class InProcessTime : FakeTimeProvider
{
    private readonly StrongBox<int> _waiting = new();

    /// <summary>How many timers wait: those that have not come due, or come due again and again, and are not disposed.</summary>
    public int Timers => Volatile.Read(ref _waiting.Value);

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var counted = new Counted(_waiting, callback);
        return counted.Start(base.CreateTimer(counted.OnDue, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan), dueTime, period);
    }

    /// <summary>The same clock for a part of the code under test, whose timers are counted by themselves, too.</summary>
    public sealed class Part(InProcessTime time) : TimeProvider
    {
        private readonly StrongBox<int> _waiting = new();

        /// <summary>How many of its timers wait.</summary>
        public int Timers => Volatile.Read(ref _waiting.Value);

        /// <inheritdoc/>
        public override long TimestampFrequency => time.TimestampFrequency;

        /// <inheritdoc/>
        public override long GetTimestamp() => time.GetTimestamp();

        /// <inheritdoc/>
        public override DateTimeOffset GetUtcNow() => time.GetUtcNow();

        /// <inheritdoc/>
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var counted = new Counted(_waiting, callback);
            return counted.Start(time.CreateTimer(counted.OnDue, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan), dueTime, period);
        }
    }

    private sealed class Counted(StrongBox<int> waiting, TimerCallback callback) : ITimer
    {
        private readonly Lock _lock = new();
        private ITimer? _timer;
        private bool _isPeriodic;
        private bool _isWaiting;
        private long _changes;

        public Counted Start(ITimer timer, TimeSpan dueTime, TimeSpan period)
        {
            _timer = timer;
            Change(dueTime, period);
            return this;
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            long change;
            lock (_lock)
            {
                Count(false);
                _isPeriodic = period != Timeout.InfiniteTimeSpan && period != TimeSpan.Zero;
                change = ++_changes;
            }

            // Counted behind it, so that whoever sees it counted may move the clock; unless it has come due, or was changed, in between.
            bool isChanged = _timer!.Change(dueTime, period);
            lock (_lock)
            {
                if (isChanged && dueTime != Timeout.InfiniteTimeSpan && change == _changes) Count(true);
            }

            return isChanged;
        }

        public void Dispose()
        {
            _timer!.Dispose();
            lock (_lock)
            {
                Count(false);
                _changes++;
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        public void OnDue(object? state)
        {
            lock (_lock)
            {
                if (!_isPeriodic)
                {
                    Count(false);
                    _changes++;
                }
            }

            callback(state);
        }

        private void Count(bool isWaiting)
        {
            if (_isWaiting != isWaiting) Interlocked.Add(ref waiting.Value, isWaiting ? 1 : -1);
            _isWaiting = isWaiting;
        }
    }
}
