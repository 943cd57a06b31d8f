using Ptth.Relay.Configuration;

namespace Ptth.Relay;

/// <summary>Whose key a request carried.</summary>
/// <param name="Name">The name in the configuration.</param>
/// <param name="Allow">What a client may reach; null for a server.</param>
internal sealed record Principal(string Name, IReadOnlyList<AllowPattern>? Allow)
{
    /// <summary>Whether it is a server; otherwise it is a client.</summary>
    public bool IsServer => Allow is null;

    /// <summary>Whether a client may reach that port.</summary>
    public bool MayReach(string server, string port) => Allow is not null && Allow.Any(pattern => pattern.Matches(server, port));
}
