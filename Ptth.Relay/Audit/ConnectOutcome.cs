using Ptth.Relay.Tunnels;

namespace Ptth.Relay.Audit;

/// <summary>How a connect came out, in the words of the audit log: they are part of its schema.</summary>
internal static class ConnectOutcome
{
    /// <summary>The server has accepted.</summary>
    public const string Accepted = "accepted";

    /// <summary>What was asked for is no name.</summary>
    public const string BadName = "bad_name";

    /// <summary>The client may not reach it.</summary>
    public const string NotAllowed = "not_allowed";

    /// <summary>No such server is configured.</summary>
    public const string UnknownServer = "unknown_server";

    /// <summary>The relay is draining.</summary>
    public const string Draining = "draining";

    /// <summary>The relay, the client or the server has too many tunnels.</summary>
    public const string TooManyTunnels = "too_many_tunnels";

    /// <summary>The outcome of a tunnel that ended before it was accepted.</summary>
    public static string Of(TunnelEnd? end) => end switch
    {
        TunnelEnd.NobodyListening => "nobody_listening",
        TunnelEnd.TooManyWaiting => "too_many_waiting",
        TunnelEnd.Rejected => "rejected",
        TunnelEnd.NotAccepted => "not_accepted",
        TunnelEnd.Stopping => "stopping",
        TunnelEnd.Closed => "closed",
        TunnelEnd.KeyGone => "key_gone",
        _ => "client_gone",
    };
}
