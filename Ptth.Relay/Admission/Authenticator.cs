using System.Net;
using System.Text;
using Ptth.Common.Net;
using Ptth.Common.Protocol;
using Ptth.Http.Core;
using Ptth.Relay.Configuration;

namespace Ptth.Relay.Admission;

/// <summary>
/// Finds out whose key a request carries. Keys are looked up by their hash: nothing that takes time depends on how much of a key is right.
/// It never changes: when the configuration is read again another one takes its place.
/// </summary>
internal sealed class Authenticator
{
    private readonly Dictionary<KeyHash, KnownKey> _keys = [];
    private readonly HashSet<string> _servers;
    private readonly TimeProvider _time;

    /// <summary>Knows who is in a configuration.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="time">The clock that keys expire by.</param>
    /// <param name="former">The one whose place it takes: keys that stay their party's are the same.</param>
    public Authenticator(RelayConfig config, TimeProvider time, Authenticator? former = null)
    {
        Config = config;
        foreach (ServerEntry server in config.Servers) Add(server, allow: null, former);
        foreach (ClientEntry client in config.Clients) Add(client, client.Allow, former);
        _servers = [.. config.Servers.Select(static server => server.Name)];
        _time = time;
    }

    /// <summary>The configuration that all of this is from.</summary>
    public RelayConfig Config { get; }

    /// <summary>Whether a server of that name is configured.</summary>
    public bool KnowsServer(string name) => _servers.Contains(name);

    /// <summary>The key's owner, where there is exactly one <c>Authorization: Bearer</c> field (RFC 6750) with a key that is good now and here.</summary>
    /// <param name="fields">The request's fields.</param>
    /// <param name="from">Where the request comes from; null where that is not known, which is nowhere that a list allows.</param>
    public Authentication Authenticate(FieldList fields, IPAddress? from)
    {
        if (!fields.TryGetSingle("Authorization"u8, out ReadOnlySpan<byte> value)) return Authentication.Nobody(KeyVerdict.Missing);
        ReadOnlySpan<byte> scheme = "Bearer "u8;
        if (value.Length <= scheme.Length || !Ascii.EqualsIgnoreCase(value[..scheme.Length], scheme)) return Authentication.Nobody(KeyVerdict.Missing);
        KeyHash hash = KeyHash.OfKeyText(value[scheme.Length..].TrimStart((byte)' '));
        if (!_keys.TryGetValue(hash, out KnownKey? known)) return Authentication.Nobody(KeyVerdict.Unknown);
        KeyVerdict verdict = Judge(known, from);
        return new Authentication(verdict, verdict == KeyVerdict.Accepted ? known.Principal : null, known.Principal.Name);
    }

    /// <summary>Takes the keys away that a later one does not have any more.</summary>
    public void TakeAwayKeysNotIn(Authenticator later)
    {
        foreach ((KeyHash hash, KnownKey known) in _keys)
        {
            if (later.Find(hash, known.Principal.Name, known.Principal.IsServer) is null) known.Principal.Key.TakeAway();
        }
    }

    private KeyVerdict Judge(KnownKey known, IPAddress? from)
    {
        if (!known.Key.IsValidAt(_time.GetUtcNow())) return KeyVerdict.Expired;
        if (known.AllowFrom.Count == 0) return KeyVerdict.Accepted;
        return from is not null && AddressRange.Contains(known.AllowFrom, from) ? KeyVerdict.Accepted : KeyVerdict.WrongAddress;
    }

    private void Add(PartyEntry party, IReadOnlyList<AllowPattern>? allow, Authenticator? former)
    {
        foreach ((_, PartyKey key) in party.Keys)
        {
            LiveKey live = former?.Find(key.Hash, party.Name, isServer: allow is null) ?? new LiveKey();
            _keys.Add(key.Hash, new KnownKey(key, new Principal(party.Name, allow, live, this), party.AllowFrom));
        }
    }

    /// <summary>The key with that hash, where it is that party's.</summary>
    private LiveKey? Find(KeyHash hash, string name, bool isServer) =>
        _keys.TryGetValue(hash, out KnownKey? known) && known.Principal.Name == name && known.Principal.IsServer == isServer ? known.Principal.Key : null;

    private sealed record KnownKey(PartyKey Key, Principal Principal, IReadOnlyList<IPNetwork> AllowFrom);
}
