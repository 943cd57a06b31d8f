namespace Ptth.Relay.Admin.Status;

/// <summary>A port of a server.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Online">Whether a listen waits, or did within the last few seconds, or a tunnel is open.</param>
/// <param name="Since">Since when that is so.</param>
/// <param name="Listens">Listens that wait now.</param>
/// <param name="Tunnels">Tunnels whose server has accepted.</param>
internal sealed record PortStatus(
    string Name,
    bool Online,
    DateTimeOffset? Since,
    int Listens,
    int Tunnels);
