using Ptth.Relay.Configuration;
using Ptth.Relay.Tls;

namespace Ptth.Relay.Reloading;

/// <summary>What is different in a configuration that was read again.</summary>
/// <param name="Taken">What comes into force at once, such as <c>client laptop added</c> or <c>limits.max_tunnels 1000 to 2000</c>.</param>
/// <param name="NeedRestart">The keys whose new values do not: addresses that are bound once, and what all paths begin with.</param>
internal sealed record RelayConfigChanges(IReadOnlyList<string> Taken, IReadOnlyList<string> NeedRestart)
{
    /// <summary>How many a log line tells one by one: whoever replaces a thousand clients does not want to read them there.</summary>
    private const int MostTold = 20;

    /// <summary>The differences of two configurations.</summary>
    public static RelayConfigChanges Between(RelayConfig former, RelayConfig next) => new(
        [
            .. PartyChanges.Between("server", former.Servers, next.Servers),
            .. PartyChanges.Between("client", former.Clients, next.Clients),
            .. SettingChanges.Of(former.Limits, next.Limits),
            .. SettingChanges.Of(former.Timeouts, next.Timeouts),
            .. TakenOf(former, next),
        ],
        [.. NeedRestartOf(former, next)]);

    /// <summary>What of <paramref name="next"/> can be in force without a restart: all but the keys that need one.</summary>
    public static RelayConfig WithoutRestart(RelayConfig former, RelayConfig next) => next with
    {
        Listen = former.Listen,
        BasePath = former.BasePath,
        Admin = former.Admin,
        Tls = former.Tls is null || next.Tls is null ? former.Tls : next.Tls with { Listen = former.Tls.Listen },
    };

    /// <summary>Changes in one line.</summary>
    public static string Describe(IReadOnlyList<string> changes)
    {
        if (changes.Count == 0) return "nothing has changed";
        string told = string.Join(", ", changes.Take(MostTold));
        return changes.Count <= MostTold ? told : $"{told}, and {changes.Count - MostTold} more";
    }

    private static IEnumerable<string> TakenOf(RelayConfig former, RelayConfig next)
    {
        if (former.Tls is { } old && next.Tls is { } tls)
        {
            if (old.Files != tls.Files) yield return "tls files";
            if (old.Texts != tls.Texts) yield return "tls certificate";
        }

        if (!former.TrustedProxies.SequenceEqual(next.TrustedProxies)) yield return "trusted_proxies";
        if (former.AuditLog?.Path != next.AuditLog?.Path) yield return AuditFile.Key;
    }

    private static IEnumerable<string> NeedRestartOf(RelayConfig former, RelayConfig next)
    {
        if (!former.Listen.SequenceEqual(next.Listen)) yield return "listen";
        if (former.BasePath != next.BasePath) yield return "base_path";
        if (!Equals(former.Admin?.Listen, next.Admin?.Listen)) yield return "admin";
        else if (former.Admin?.Key != next.Admin?.Key) yield return "admin_key_hash";
        RelayTls? old = former.Tls, tls = next.Tls;
        if (old is null != tls is null) yield return "tls";
        else if (old is not null && !old.Listen.SequenceEqual(tls!.Listen)) yield return "tls.listen";
    }
}
