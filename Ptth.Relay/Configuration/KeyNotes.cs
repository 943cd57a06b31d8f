using System.Globalization;
using Ptth.Common.Protocol;
using Ptth.Common.Toml;

namespace Ptth.Relay.Configuration;

/// <summary>Tells of keys that have expired or are about to.</summary>
/// <param name="path">The file as the user named it.</param>
/// <param name="hashLines">Where each key's hash stands.</param>
internal sealed class KeyNotes(string path, IReadOnlyDictionary<KeyHash, int> hashLines)
{
    /// <summary>What is about to expire: time enough to bring a new key to somebody far away.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromDays(14);

    /// <summary>The notes on a valid configuration.</summary>
    public IEnumerable<ConfigProblem> Of(RelayConfig config, DateTimeOffset now) =>
        config.Servers.SelectMany(server => Of(server, "server", now)).Concat(config.Clients.SelectMany(client => Of(client, "client", now)));

    private IEnumerable<ConfigProblem> Of(PartyEntry party, string kind, DateTimeOffset now)
    {
        foreach ((string name, PartyKey key) in party.Keys)
        {
            // What is being replaced is meant to expire.
            if (key.Expires is not { } end || end - now > (name == "key" ? Soon : TimeSpan.Zero)) continue;
            string verb = end <= now ? "expired" : "expires";
            string remedy = name == "key" ? "; ptth-relay keygen makes a new one" : "; its lines can go";
            yield return new ConfigProblem(path, hashLines[key.Hash], $"{kind}.{name}_hash",
                string.Create(CultureInfo.InvariantCulture, $"this key of \"{party.Name}\" {verb} at {end:yyyy-MM-dd'T'HH:mm:ss'Z'}{remedy}"));
        }
    }
}
