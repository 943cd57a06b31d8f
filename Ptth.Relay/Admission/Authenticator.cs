using System.Net;
using System.Text;
using Ptth.Common.Net;
using Ptth.Common.Protocol;
using Ptth.Http.Core;
using Ptth.Relay.Configuration;

namespace Ptth.Relay.Admission;

/// <summary>
/// Finds out whose key a request carries. Keys are looked up by their hash: nothing that takes time depends on how much of a key is right.
/// </summary>
internal sealed class Authenticator
{
    private readonly Dictionary<KeyHash, KnownKey> _keys = [];
    private readonly HashSet<string> _servers;
    private readonly TimeProvider _time;

    public Authenticator(RelayConfig config, TimeProvider time)
    {
        foreach (ServerEntry server in config.Servers) Add(server, new Principal(server.Name, Allow: null));
        foreach (ClientEntry client in config.Clients) Add(client, new Principal(client.Name, client.Allow));
        _servers = [.. config.Servers.Select(static server => server.Name)];
        _time = time;
    }

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

    private KeyVerdict Judge(KnownKey known, IPAddress? from)
    {
        if (!known.Key.IsValidAt(_time.GetUtcNow())) return KeyVerdict.Expired;
        if (known.AllowFrom.Count == 0) return KeyVerdict.Accepted;
        if (from is null) return KeyVerdict.WrongAddress;
        IPAddress address = AddressRange.Normalize(from);
        foreach (IPNetwork range in known.AllowFrom)
        {
            if (range.Contains(address)) return KeyVerdict.Accepted;
        }

        return KeyVerdict.WrongAddress;
    }

    private void Add(PartyEntry party, Principal principal)
    {
        foreach ((_, PartyKey key) in party.Keys) _keys.Add(key.Hash, new KnownKey(key, principal, party.AllowFrom));
    }

    private sealed record KnownKey(PartyKey Key, Principal Principal, IReadOnlyList<IPNetwork> AllowFrom);
}
