namespace Ptth.Load.Soak;

/// <summary>Draws tunnels from a seed: the same seed, the same plans in the same order.</summary>
/// <param name="seed">What they are drawn from.</param>
/// <param name="longest">How long a tunnel is to take at most, where nothing slows it down.</param>
internal sealed class PlanMaker(int seed, TimeSpan longest)
{
    private const int KiB = 1024;
    private const int MiB = 1024 * KiB;

    // A slow reader's stream has to be more than all the sockets and pipes on its way hold.
    private const long SlowReaderBytes = 24 * MiB;
    private const double RatedShare = 0.4;

    private static readonly (TunnelKind Kind, int Weight)[] Kinds =
    [
        (TunnelKind.Short, 40),
        (TunnelKind.BothWays, 22),
        (TunnelKind.ClientEndsFirst, 8),
        (TunnelKind.ServerEndsFirst, 8),
        (TunnelKind.ClientResets, 7),
        (TunnelKind.ServerResets, 7),
        (TunnelKind.SlowClient, 2),
        (TunnelKind.SlowServer, 2),
        (TunnelKind.Idle, 4),
    ];

    private readonly Random _random = new(seed);

    /// <summary>The next tunnel.</summary>
    public TunnelPlan Next() => Next(Pick());

    /// <summary>The next one of a kind.</summary>
    public TunnelPlan Next(TunnelKind kind)
    {
        bool isShort = kind == TunnelKind.Short;
        long up = isShort ? _random.Next(2 * KiB) : Size();
        long down = isShort ? _random.Next(2 * KiB) : Size();
        switch (kind)
        {
            case TunnelKind.ClientResets: up++; break;
            case TunnelKind.ServerResets: down++; break;
            case TunnelKind.SlowClient: down = SlowReaderBytes; break;
            case TunnelKind.SlowServer: up = SlowReaderBytes; break;
        }

        return new TunnelPlan
        {
            Id = (ulong)_random.NextInt64(),
            Kind = kind,
            UpBytes = up,
            DownBytes = down,
            UpRate = kind is TunnelKind.SlowServer ? 0 : Rate(up),
            DownRate = kind is TunnelKind.SlowClient ? 0 : Rate(down),
            ResetAt = kind switch
            {
                TunnelKind.ClientResets => _random.NextInt64(up),
                TunnelKind.ServerResets => _random.NextInt64(down),
                _ => 0,
            },
            WaitMs = (int)(longest.TotalMilliseconds * (0.3 + (0.7 * _random.NextDouble()))),
        };
    }

    /// <summary>How many tunnels are opened at once before the next one is drawn; mostly none.</summary>
    public int NextBurst(int most) => _random.NextDouble() < 0.01 ? _random.Next(most / 2, most + 1) : 0;

    /// <summary>A number between 0 and 1.</summary>
    public double NextShare() => _random.NextDouble();

    private TunnelKind Pick()
    {
        int at = _random.Next(Kinds.Sum(static entry => entry.Weight));
        foreach ((TunnelKind kind, int weight) in Kinds)
        {
            if (at < weight) return kind;
            at -= weight;
        }

        return TunnelKind.Short;
    }

    private long Size() => _random.Next(100) switch
    {
        < 8 => 0,
        < 40 => _random.Next(1, 4 * KiB),
        < 78 => _random.Next(4 * KiB, MiB),
        < 96 => _random.Next(MiB, 8 * MiB),
        _ => _random.Next(8 * MiB, 48 * MiB),
    };

    private long Rate(long bytes)
    {
        double share = _random.NextDouble();
        double seconds = longest.TotalSeconds * (0.05 + (0.95 * _random.NextDouble()));
        return share < RatedShare && bytes > 0 ? 1 + (long)(bytes / seconds) : 0;
    }
}
