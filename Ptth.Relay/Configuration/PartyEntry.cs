using System.Net;

namespace Ptth.Relay.Configuration;

/// <summary>What servers and clients have in common: a name, one key or two, and where their requests may come from.</summary>
/// <param name="Name">The name: no two parties of one kind have the same.</param>
/// <param name="Key">The key.</param>
internal abstract record PartyEntry(string Name, PartyKey Key)
{
    /// <summary>The key that is being replaced, and that is good as well; null where there is none.</summary>
    public PartyKey? OldKey { get; init; }

    /// <summary>Where requests with its keys may come from; empty for everywhere.</summary>
    public IReadOnlyList<IPNetwork> AllowFrom { get; init; } = [];

    /// <summary>Its keys, each with the name that it has in the configuration: <c>key</c> or <c>old_key</c>.</summary>
    public IEnumerable<(string Name, PartyKey Key)> Keys
    {
        get
        {
            yield return ("key", Key);
            if (OldKey is not null) yield return ("old_key", OldKey);
        }
    }
}
