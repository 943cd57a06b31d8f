namespace Ptth.Relay.Statistics;

/// <summary>Whether something is online, and since when that is so.</summary>
internal sealed class OnlineState
{
    /// <summary>Whether it is.</summary>
    public bool IsOnline { get; private set; }

    /// <summary>When that began, in the ticker's time; null where it has not been seen at all.</summary>
    public long? SinceMilliseconds { get; private set; }

    /// <summary>It is so, and where it was not before, since then.</summary>
    public void Set(bool isOnline, long sinceMilliseconds)
    {
        if (IsOnline == isOnline) return;
        IsOnline = isOnline;
        SinceMilliseconds = sinceMilliseconds;
    }
}
