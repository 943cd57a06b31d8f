using Ptth.Relay.Admission;
using Ptth.Relay.Configuration;

namespace Ptth.Relay;

/// <summary>Whose key a request carried. All that the request is answered by comes from the same configuration, whatever is read meanwhile.</summary>
/// <param name="Name">The name in the configuration.</param>
/// <param name="Allow">What a client may reach; null for a server.</param>
/// <param name="Key">The key.</param>
/// <param name="Source">All who were known when the key was looked at.</param>
internal sealed record Principal(string Name, IReadOnlyList<AllowPattern>? Allow, LiveKey Key, Authenticator Source)
{
    /// <summary>Whether it is a server; otherwise it is a client.</summary>
    public bool IsServer => Allow is null;

    /// <summary>Whether a client may reach that port.</summary>
    public bool MayReach(string server, string port) => Allow is not null && Allow.Any(pattern => pattern.Matches(server, port));
}
