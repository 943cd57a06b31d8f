namespace Ptth.Relay.Admin.Status;

/// <summary>Payload of all tunnels since the start, ended ones included.</summary>
/// <param name="Up">Bytes from clients to servers.</param>
/// <param name="Down">Bytes from servers to clients.</param>
/// <param name="RateUp">Bytes a second in the last second.</param>
/// <param name="RateDown">Likewise.</param>
internal sealed record BytesStatus(
    long Up,
    long Down,
    double RateUp,
    double RateDown);
