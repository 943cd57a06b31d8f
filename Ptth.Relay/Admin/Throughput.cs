namespace Ptth.Relay.Admin;

/// <summary>How fast all tunnels together are.</summary>
/// <param name="Up">Bytes a second from clients to servers.</param>
/// <param name="Down">Bytes a second from servers to clients.</param>
internal readonly record struct Throughput(double Up, double Down);
