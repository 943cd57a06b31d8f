namespace Ptth.Relay.Admin.Status;

/// <summary>The state of the relay, as <c>/api/v1/status</c> tells it.</summary>
/// <param name="Version">The program's version.</param>
/// <param name="Now">When it was so.</param>
/// <param name="Started">When the relay began.</param>
/// <param name="UptimeSeconds">The time between the two.</param>
/// <param name="State"><c>running</c> or <c>draining</c>.</param>
/// <param name="Listen">The addresses that speak plain HTTP, with their real ports.</param>
/// <param name="ListenTls">Those that speak TLS.</param>
/// <param name="Connections">HTTP connections.</param>
/// <param name="Bytes">Payload of all tunnels.</param>
/// <param name="Tunnels">How many tunnels there are and were.</param>
/// <param name="Servers">All servers of the configuration.</param>
/// <param name="Clients">All clients of the configuration.</param>
/// <param name="OpenTunnels">Tunnels that have not ended, those that move most first, then the youngest; a bounded number.</param>
/// <param name="OpenTunnelsOmitted">How many more there are.</param>
/// <param name="Rejected">Refused requests and reset connections by reason, since the start.</param>
/// <param name="Throughput">The last two minutes, a sample a second, the oldest first.</param>
internal sealed record StatusDocument(
    string Version,
    DateTimeOffset Now,
    DateTimeOffset Started,
    double UptimeSeconds,
    string State,
    IReadOnlyList<string> Listen,
    IReadOnlyList<string> ListenTls,
    ConnectionsStatus Connections,
    BytesStatus Bytes,
    TunnelsStatus Tunnels,
    IReadOnlyList<ServerStatus> Servers,
    IReadOnlyList<ClientStatus> Clients,
    IReadOnlyList<TunnelStatus> OpenTunnels,
    int OpenTunnelsOmitted,
    IReadOnlyDictionary<string, long> Rejected,
    IReadOnlyList<ThroughputSample> Throughput);
