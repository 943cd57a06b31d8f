using Ptth.Http.Server;
using Ptth.Http.Transport;
using Ptth.Relay.Admission;

namespace Ptth.Relay.Statistics;

/// <summary>What the relay counts besides its tunnels and connections, which count themselves.</summary>
internal sealed class RelayStatistics(Ticker ticker)
{
    /// <summary>Which servers and ports are online.</summary>
    public PresenceBoard Presence { get; } = new(ticker);

    /// <summary>Requests that were refused, by <see cref="RefusalReasons"/>.</summary>
    public CounterSet Refused { get; } = new(RefusalReasons.All);

    /// <summary>Requests, by <see cref="RouteKind"/>.</summary>
    public CounterSet Requests { get; } = new(SnakeCase<RouteKind>.All);

    /// <summary>Requests without a good key, by <see cref="KeyVerdict"/>.</summary>
    public CounterSet FailedAuthentications { get; } = new(SnakeCase<KeyVerdict>.All);

    /// <summary>Requests to the admin listener without a good key.</summary>
    public CounterSet FailedAdminAuthentications { get; } = new(["all"]);

    /// <summary>How long connects waited for their accept: from a server beside the relay to the longest wait that there is.</summary>
    public Histogram ConnectWait { get; } = new(1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000);

    /// <summary>Connections that were reset for a bound, by <see cref="Admission.TurnedAway"/>, under the bound's name in the configuration.</summary>
    public CounterSet TurnedAway { get; } = new([.. Enum.GetValues<TurnedAway>().Select(TurnedAwayNames.Of)]);

    /// <summary>A response is sent whole.</summary>
    public void OnResponse(HttpResponse response)
    {
        if (response.Reason is { } reason) Refused.Increment(RefusalReasons.NumberOf(reason));
    }
}
