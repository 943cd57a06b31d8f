namespace Ptth.Relay.Admin;

/// <summary>One moment by both of the relay's clocks.</summary>
/// <param name="Now">The time of day.</param>
/// <param name="Milliseconds">The ticker's.</param>
internal readonly record struct StatusClock(DateTimeOffset Now, long Milliseconds)
{
    /// <summary>When something was, in the time of day, however that has been set since.</summary>
    public DateTimeOffset TimeOf(long milliseconds) => Now.AddMilliseconds(milliseconds - Milliseconds);

    /// <summary>The same; null for never.</summary>
    public DateTimeOffset? TimeOf(long? milliseconds) => milliseconds is { } known ? TimeOf(known) : null;
}
