namespace Ptth.Relay.Configuration;

/// <summary>A client: who has its key may connect to what a pattern allows.</summary>
internal sealed record ClientEntry(string Name, PartyKey Key, IReadOnlyList<AllowPattern> Allow) : PartyEntry(Name, Key)
{
    /// <summary>Bytes per second of all its tunnels, in place of <see cref="RelayLimits.BytesPerSecondPerClient"/>; 0 for as many as go, null for that one.</summary>
    public long? BytesPerSecond { get; init; }
}
