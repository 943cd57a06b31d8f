namespace Ptth.Relay.Admin.Status;

/// <summary>HTTP connections to the relay.</summary>
/// <param name="Open">How many there are.</param>
/// <param name="Unauthenticated">How many of them no good key has come on.</param>
/// <param name="Max"><c>max_connections</c>.</param>
internal sealed record ConnectionsStatus(
    int Open,
    int Unauthenticated,
    int Max);
