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
    private int _asked;

    /// <summary>
    /// Reads it again. Whoever asks while that is under way has it read once more after that: readings follow one another, and what was
    /// written before the last question is in force after the last answer.
    /// </summary>
    public void Ask()
    {
        if (Interlocked.Increment(ref _asked) != 1) return;
        int seen;
        do
        {
            seen = Volatile.Read(ref _asked);
            Reload();
        }
        while (Interlocked.Add(ref _asked, -seen) != 0);
    }

    private void Reload()
    {
        notifier.Notify(SystemdNotifier.Reloading(context.Time));
        try
        {
            Take(read());
            context.Reloads.Add(isTaken: true);
        }
        catch (ConfigException refusal)
        {
            foreach (ConfigProblem problem in refusal.Problems) RelayLog.ReloadProblem(_logger, problem);
            RelayLog.ReloadRefused(_logger, refusal.Problems.Count);
            context.Audit.ReloadRefused(refusal.Problems);
            context.Reloads.Add(isTaken: false);
        }
#pragma warning disable CA1031 // Whatever it is, the relay goes on as it was told before.
        catch (Exception defect)
        {
            RelayLog.ReloadFailed(_logger, defect);
            context.Reloads.Add(isTaken: false);
        }
#pragma warning restore CA1031
        finally
        {
            notifier.Notify(SystemdNotifier.Ready);
        }
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
