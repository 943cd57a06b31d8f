namespace Ptth.Relay.Admin.Status;

/// <summary>A client of the configuration.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Tunnels">Its tunnels, those that wait included.</param>
internal sealed record ClientStatus(
    string Name,
    int Tunnels);
