namespace Ptth.Relay.Admin.Status;

/// <summary>What all tunnels moved in one second.</summary>
/// <param name="SecondsAgo">How long ago.</param>
/// <param name="Up">Bytes a second from clients to servers.</param>
/// <param name="Down">Bytes a second from servers to clients.</param>
internal sealed record ThroughputSample(
    int SecondsAgo,
    double Up,
    double Down);
