using System.Collections.Frozen;

namespace Ptth.Relay.Statistics;

/// <summary>Why requests are refused, in one word each: so they stand in the log, the status and the metrics. Limits have their names in the configuration.</summary>
internal static class RefusalReasons
{
    public const string Unauthorized = "unauthorized";
    public const string TooManyFailures = "too_many_failures";
    public const string WrongParty = "wrong_party";
    public const string NotAllowed = "not_allowed";
    public const string UnknownPath = "unknown_path";
    public const string UnknownServer = "unknown_server";
    public const string UnknownId = "unknown_id";
    public const string WrongMethod = "wrong_method";
    public const string BadName = "bad_name";
    public const string BadReason = "bad_reason";
    public const string Malformed = "malformed";
    public const string BodyTooLong = "body_too_long";
    public const string NeedsHttp11 = "needs_http_1_1";
    public const string Taken = "taken";
    public const string Gone = "gone";
    public const string BadOffset = "bad_offset";
    public const string WrongOffset = "wrong_offset";
    public const string MaxTunnels = "max_tunnels";
    public const string MaxTunnelsPerClient = "max_tunnels_per_client";
    public const string MaxTunnelsPerServer = "max_tunnels_per_server";
    public const string MaxWaitingConnects = "max_waiting_connects_per_client";
    public const string MaxWaitingListens = "max_waiting_listens_per_server";
    public const string TooManyProbes = "too_many_probes";
    public const string NobodyListening = "nobody_listening";
    public const string Rejected = "rejected";
    public const string NotAccepted = "not_accepted";
    public const string Draining = "draining";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        Unauthorized, TooManyFailures, WrongParty, NotAllowed, UnknownPath, UnknownServer, UnknownId, WrongMethod, BadName, BadReason, Malformed,
        BodyTooLong, NeedsHttp11, Taken, Gone, BadOffset, WrongOffset, MaxTunnels, MaxTunnelsPerClient, MaxTunnelsPerServer, MaxWaitingConnects, MaxWaitingListens, TooManyProbes,
        NobodyListening, Rejected, NotAccepted, Draining,
    ];

    private static readonly FrozenDictionary<string, int> Numbers =
        All.Select(static (reason, number) => KeyValuePair.Create(reason, number)).ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>A reason's place in the list.</summary>
    public static int NumberOf(string reason) => Numbers[reason];
}
