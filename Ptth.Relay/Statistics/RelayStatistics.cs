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

    /// <summary>Connections that were reset for a bound, by <see cref="Admission.TurnedAway"/>, under the bound's name in the configuration.</summary>
    public CounterSet TurnedAway { get; } = new([.. Enum.GetValues<TurnedAway>().Select(TurnedAwayNames.Of)]);

    /// <summary>A response is sent whole.</summary>
    public void OnResponse(HttpResponse response)
    {
        if (response.Reason is { } reason) Refused.Increment(RefusalReasons.NumberOf(reason));
    }
}
