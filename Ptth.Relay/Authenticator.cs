using System.Text;
using Ptth.Common.Protocol;
using Ptth.Http.Core;
using Ptth.Relay.Configuration;

namespace Ptth.Relay;

/// <summary>
/// Finds out whose key a request carries. Keys are looked up by their hash: nothing that takes time depends on how much of a key is right.
/// </summary>
internal sealed class Authenticator
{
    private readonly Dictionary<KeyHash, Principal> _principals = [];
    private readonly HashSet<string> _servers;

    public Authenticator(RelayConfig config)
    {
        foreach (ServerEntry server in config.Servers) _principals.Add(server.KeyHash, new Principal(server.Name, Allow: null));
        foreach (ClientEntry client in config.Clients) _principals.Add(client.KeyHash, new Principal(client.Name, client.Allow));
        _servers = [.. config.Servers.Select(static server => server.Name)];
    }

    /// <summary>Whether a server of that name is configured.</summary>
    public bool KnowsServer(string name) => _servers.Contains(name);

    /// <summary>The key's owner; null without exactly one <c>Authorization: Bearer</c> field (RFC 6750) whose key is known.</summary>
    public Principal? Authenticate(FieldList fields)
    {
        if (!fields.TryGetSingle("Authorization"u8, out ReadOnlySpan<byte> value)) return null;
        ReadOnlySpan<byte> scheme = "Bearer "u8;
        if (value.Length <= scheme.Length || !Ascii.EqualsIgnoreCase(value[..scheme.Length], scheme)) return null;
        return _principals.GetValueOrDefault(KeyHash.OfKeyText(value[scheme.Length..].TrimStart((byte)' ')));
    }
}
