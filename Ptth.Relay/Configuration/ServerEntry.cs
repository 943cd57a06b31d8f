namespace Ptth.Relay.Configuration;

/// <summary>A server: who has its key may listen under its name.</summary>
internal sealed record ServerEntry(string Name, PartyKey Key) : PartyEntry(Name, Key);
