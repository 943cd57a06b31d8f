namespace Ptth.Relay.Admin.Status;

/// <summary>A tunnel that has not ended.</summary>
/// <param name="Id">Its ID.</param>
/// <param name="Client">Whose it is.</param>
/// <param name="Server">Where it goes.</param>
/// <param name="Port">And to which port there.</param>
/// <param name="State"><c>waiting</c> for a server, <c>accepted</c> by it, or <c>open</c>: both directions have both of their ends.</param>
/// <param name="Started">When the client asked for it.</param>
/// <param name="AgeSeconds">The time since then.</param>
/// <param name="BytesUp">Payload from the client to the server.</param>
/// <param name="BytesDown">Payload from the server to the client.</param>
/// <param name="RateUp">Bytes a second in the last second; null where it is younger.</param>
/// <param name="RateDown">Likewise.</param>
internal sealed record TunnelStatus(
    string Id,
    string Client,
    string Server,
    string Port,
    string State,
    DateTimeOffset Started,
    double AgeSeconds,
    long BytesUp,
    long BytesDown,
    double? RateUp,
    double? RateDown);
