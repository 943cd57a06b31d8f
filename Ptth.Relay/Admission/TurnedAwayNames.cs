namespace Ptth.Relay.Admission;

/// <summary>The names of the bounds that connections are reset for.</summary>
internal static class TurnedAwayNames
{
    /// <summary>The bound's name in the configuration.</summary>
    public static string Of(TurnedAway bound) => bound switch
    {
        TurnedAway.Connections => "max_connections",
        TurnedAway.ConnectionsOfAddress => "max_connections_per_address",
        TurnedAway.Unauthenticated => "max_unauthenticated_connections",
        _ => "max_unauthenticated_per_address",
    };
}
