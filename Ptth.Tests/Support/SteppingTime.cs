namespace Ptth.Tests.Support;

/// <summary>A clock that goes on a little each time it is looked at, and counts that; its timers are another one's.</summary>
internal sealed class SteppingTime(TimeProvider timers) : TimeProvider
{
    private int _looks;

    /// <summary>How much it goes on at each look.</summary>
    public TimeSpan Step { get; init; }

    /// <summary>How often it was looked at.</summary>
    public int Looks => Volatile.Read(ref _looks);

    /// <inheritdoc/>
    public override long TimestampFrequency => timers.TimestampFrequency;

    /// <inheritdoc/>
    public override long GetTimestamp() => timers.GetTimestamp() + (Interlocked.Increment(ref _looks) * (long)(Step.TotalSeconds * TimestampFrequency));

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => timers.CreateTimer(callback, state, dueTime, period);
}
