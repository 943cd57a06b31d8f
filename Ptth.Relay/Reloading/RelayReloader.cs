using Microsoft.Extensions.Logging;
using Ptth.Common.Hosting;
using Ptth.Common.Toml;
using Ptth.Relay.Configuration;
using Ptth.Relay.Tls;

namespace Ptth.Relay.Reloading;

/// <summary>
/// Reads the configuration again and brings it into force. One that is not valid changes nothing. What cannot change while the relay runs
/// is told, and all else is taken.
/// </summary>
/// <param name="context">What the requests are answered by.</param>
/// <param name="server">The connections.</param>
/// <param name="certificate">The certificate in use; null where there is none.</param>
/// <param name="notifier">Is told when it begins and when it has ended.</param>
/// <param name="read">Reads the configuration.</param>
internal sealed class RelayReloader(
    RelayContext context, RelayServer server, LiveCertificate? certificate, SystemdNotifier notifier, Func<RelayConfig> read)
{
    private readonly ILogger _logger = context.Logger;

    /// <summary>Reads it again.</summary>
    public void Reload()
    {
        IReadOnlyList<ConfigProblem>? problems = ConfigReload.Run(() => Take(read()), notifier, _logger);
        context.Reloads.Add(isTaken: problems is null);
        if (problems is not null) context.Audit.ReloadRefused(problems);
    }

    private void Take(RelayConfig next)
    {
        RelayConfig former = context.Config;
        var changes = RelayConfigChanges.Between(former, next);
        // The only step that may fail, so the first one.
        context.Audit.Use(next.AuditLog);
        RelayConfig inForce = RelayConfigChanges.WithoutRestart(former, next);
        server.Use(inForce);
        if (inForce.Tls is not null) certificate?.Use(inForce.Tls);
        context.Use(inForce);
        RelayLog.Reloaded(_logger, RelayConfigChanges.Describe(changes.Taken));
        if (changes.NeedRestart.Count > 0) RelayLog.NeedsRestart(_logger, RelayConfigChanges.Describe(changes.NeedRestart));
        context.Audit.Reloaded(changes.Taken, changes.NeedRestart);
    }
}
