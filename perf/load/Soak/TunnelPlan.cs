namespace Ptth.Load.Soak;

/// <summary>What one tunnel is to do: it is drawn at the client, and told to the server in the tunnel's own header.</summary>
internal sealed record TunnelPlan
{
    /// <summary>Names the tunnel; every block of its bytes bears it.</summary>
    public required ulong Id { get; init; }

    /// <summary>How it goes.</summary>
    public required TunnelKind Kind { get; init; }

    /// <summary>Bytes from the client to the server, without the header.</summary>
    public required long UpBytes { get; init; }

    /// <summary>Bytes from the server to the client.</summary>
    public required long DownBytes { get; init; }

    /// <summary>Bytes per second that the client sends at most; 0 for as many as go.</summary>
    public required long UpRate { get; init; }

    /// <summary>Bytes per second that the server sends at most; 0 for as many as go.</summary>
    public required long DownRate { get; init; }

    /// <summary>Where the end that resets does so: after that many bytes of its own.</summary>
    public required long ResetAt { get; init; }

    /// <summary>How long the idle tunnel rests, or the slow reader is slow, milliseconds.</summary>
    public required int WaitMs { get; init; }

    /// <summary>Whether an end of the tunnel is planned to break it.</summary>
    public bool IsReset => Kind is TunnelKind.ClientResets or TunnelKind.ServerResets;

    /// <summary>The client's part.</summary>
    public HalfPlan Client => new()
    {
        Id = Id,
        Sends = Direction.Up,
        SendBytes = UpBytes,
        SendRate = UpRate,
        ResetAt = Kind == TunnelKind.ClientResets ? ResetAt : null,
        ReceiveBytes = DownBytes,
        StartsAfterPeersEnd = Kind == TunnelKind.ServerEndsFirst,
        RestsFor = Rest(TunnelKind.Idle),
        ReadsSlowlyFor = Rest(TunnelKind.SlowClient),
    };

    /// <summary>The server's part.</summary>
    public HalfPlan Server => new()
    {
        Id = Id,
        Sends = Direction.Down,
        SendBytes = DownBytes,
        SendRate = DownRate,
        ResetAt = Kind == TunnelKind.ServerResets ? ResetAt : null,
        ReceiveBytes = UpBytes,
        StartsAfterPeersEnd = Kind == TunnelKind.ClientEndsFirst,
        RestsFor = Rest(TunnelKind.Idle),
        ReadsSlowlyFor = Rest(TunnelKind.SlowServer),
    };

    private TimeSpan Rest(TunnelKind kind) => Kind == kind ? TimeSpan.FromMilliseconds(WaitMs) : TimeSpan.Zero;
}
