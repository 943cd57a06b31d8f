namespace Ptth.Relay.Admin.Status;

/// <summary>A server of the configuration.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Online">Whether any of its ports is.</param>
/// <param name="Since">Since when that is so; null where it has not been seen since the relay's start.</param>
/// <param name="Ports">The ports that it has listened on, by name; at most 256.</param>
internal sealed record ServerStatus(
    string Name,
    bool Online,
    DateTimeOffset? Since,
    IReadOnlyList<PortStatus> Ports);
