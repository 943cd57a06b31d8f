namespace Ptth.Relay.Configuration;

/// <summary>A client: who has its key may connect to what a pattern allows.</summary>
internal sealed record ClientEntry(string Name, PartyKey Key, IReadOnlyList<AllowPattern> Allow) : PartyEntry(Name, Key);
