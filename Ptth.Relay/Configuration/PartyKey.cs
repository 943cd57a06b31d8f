using Ptth.Common.Protocol;

namespace Ptth.Relay.Configuration;

/// <summary>A key of a party, and when it stops being one.</summary>
/// <param name="Hash">The key's hash.</param>
/// <param name="Expires">From then on the key is refused; null for never.</param>
internal sealed record PartyKey(KeyHash Hash, DateTimeOffset? Expires = null)
{
    /// <summary>Whether the key is good at that time.</summary>
    public bool IsValidAt(DateTimeOffset now) => Expires is not { } end || now < end;
}
