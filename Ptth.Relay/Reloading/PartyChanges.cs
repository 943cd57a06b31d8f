using Ptth.Relay.Configuration;

namespace Ptth.Relay.Reloading;

/// <summary>Servers or clients that came, went, or are told something else.</summary>
internal static class PartyChanges
{
    /// <summary>The changes from one list to another, in words.</summary>
    public static IEnumerable<string> Between<T>(string kind, IReadOnlyList<T> former, IReadOnlyList<T> next)
        where T : PartyEntry
    {
        Dictionary<string, T> before = former.ToDictionary(static party => party.Name);
        foreach (T party in next)
        {
            if (!before.Remove(party.Name, out T? old)) yield return $"{kind} {party.Name} added";
            else if (Fields(old, party) is { Length: > 0 } fields) yield return $"{kind} {party.Name} changed ({fields})";
        }

        foreach (string name in before.Keys) yield return $"{kind} {name} removed";
    }

    private static string Fields(PartyEntry old, PartyEntry party)
    {
        List<string> fields = [];
        if (old.Key != party.Key) fields.Add("key");
        if (old.OldKey != party.OldKey) fields.Add("old key");
        if (!old.AllowFrom.SequenceEqual(party.AllowFrom)) fields.Add("allow_from");
        if (old is ClientEntry former && party is ClientEntry client)
        {
            if (!former.Allow.SequenceEqual(client.Allow)) fields.Add("allow");
            if (former.BytesPerSecond != client.BytesPerSecond) fields.Add("bytes_per_second");
        }

        return string.Join(", ", fields);
    }
}
