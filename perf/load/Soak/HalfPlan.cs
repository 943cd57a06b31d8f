namespace Ptth.Load.Soak;

/// <summary>What one end of a tunnel is to do.</summary>
internal sealed record HalfPlan
{
    /// <summary>The tunnel.</summary>
    public required ulong Id { get; init; }

    /// <summary>The direction of what it sends; it receives the other.</summary>
    public required Direction Sends { get; init; }

    /// <summary>How many bytes it sends.</summary>
    public required long SendBytes { get; init; }

    /// <summary>Bytes per second at most; 0 for as many as go.</summary>
    public required long SendRate { get; init; }

    /// <summary>After how many bytes it resets the connection; null for an end without a reset.</summary>
    public required long? ResetAt { get; init; }

    /// <summary>How many bytes it is to receive before the end.</summary>
    public required long ReceiveBytes { get; init; }

    /// <summary>Whether it sends nothing before the other has ended its half.</summary>
    public required bool StartsAfterPeersEnd { get; init; }

    /// <summary>How long it sends nothing when half is sent.</summary>
    public required TimeSpan RestsFor { get; init; }

    /// <summary>How long it takes only a few KB/s, from the start.</summary>
    public required TimeSpan ReadsSlowlyFor { get; init; }

    /// <summary>The direction that it receives.</summary>
    public Direction Receives => Sends == Direction.Up ? Direction.Down : Direction.Up;
}
