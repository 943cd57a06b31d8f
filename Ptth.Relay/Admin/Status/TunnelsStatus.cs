namespace Ptth.Relay.Admin.Status;

/// <summary>How many tunnels there are and were.</summary>
/// <param name="Open">Those whose server has accepted.</param>
/// <param name="Waiting">Those whose client waits for a server.</param>
/// <param name="Max"><c>max_tunnels</c>, which both count against.</param>
/// <param name="OpenedTotal">How many were begun since the start.</param>
/// <param name="Ended">How many have ended since the start, by how they did.</param>
internal sealed record TunnelsStatus(
    int Open,
    int Waiting,
    int Max,
    long OpenedTotal,
    IReadOnlyDictionary<string, long> Ended);
