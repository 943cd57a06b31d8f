namespace Ptth.Load.Soak;

/// <summary>How the tunnels of one kind went.</summary>
internal sealed class KindCount
{
    /// <summary>How many there were.</summary>
    public long Tunnels { get; set; }

    /// <summary>Those that ended as they were to.</summary>
    public long AsPlanned { get; set; }

    /// <summary>Those that were broken by what was killed or pulled.</summary>
    public long Disturbed { get; set; }

    /// <summary>Those that ended in a way that may not be.</summary>
    public long Failed { get; set; }

    /// <summary>Bytes that came, both ways together, each compared.</summary>
    public long Bytes { get; set; }
}
