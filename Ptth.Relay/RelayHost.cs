using Microsoft.Extensions.Logging;
using Ptth.Common.Cli;
using Ptth.Common.Hosting;
using Ptth.Http.Transport;
using Ptth.Relay.Admin;
using Ptth.Relay.Admission;
using Ptth.Relay.Audit;
using Ptth.Relay.Configuration;
using Ptth.Relay.Listening;
using Ptth.Relay.Reloading;
using Ptth.Relay.Rendezvous;
using Ptth.Relay.Tls;
using Ptth.Relay.Tunnels;

namespace Ptth.Relay;

/// <summary>The running relay: puts the parts together, and takes them down again.</summary>
internal static class RelayHost
{
    /// <summary>How often an admin listener is tried again whose address a predecessor still has.</summary>
    private static readonly TimeSpan AdminRetry = TimeSpan.FromSeconds(1);

    /// <summary>Runs until the lifetime ends it.</summary>
    /// <param name="config">What it is told.</param>
    /// <param name="loggers">Where it logs.</param>
    /// <param name="lifetime">Ends it.</param>
    /// <param name="hangup">Asks it to read its configuration again.</param>
    /// <param name="read">Reads that, as <paramref name="config"/> was read.</param>
    /// <returns>The program's exit code.</returns>
    public static async Task<int> RunAsync(RelayConfig config, ILoggerFactory loggers, ProcessLifetime lifetime, HangupSignal hangup, Func<RelayConfig> read)
    {
        ILogger logger = loggers.CreateLogger("relay");
        TimeProvider time = TimeProvider.System;
        if (!InheritedSockets.TryTake(out IReadOnlyList<InheritedSocket> given, out string? problem))
        {
            RelayLog.CannotUseSocket(logger, problem);
            return ExitCodes.Failed;
        }

        var notifier = SystemdNotifier.FromEnvironment(logger);
        using var ticker = new Ticker(time);
        var context = new RelayContext(new Authenticator(config, time), new InMemoryRendezvous(config.Limits, time),
            new TunnelTable(config, ticker, logger), ticker, time, logger);
        using AuditLog audit = context.Audit;
        audit.Use(config.AuditLog);
        using LiveCertificate? certificate = config.Tls is null ? null : new LiveCertificate(config.Tls, ticker, time, logger);
        using var server = new RelayServer(context, certificate);
        await AcceptRight.WaitAsync(given, AcceptRight.Bound(config.Timeouts), time, logger, lifetime.Draining);
        using AdminServer? admin = config.Admin is null ? null : new AdminServer(config.Admin, context, server);
        if (!server.TryStart(given)) return ExitCodes.Failed;
        bool isAdminUp = admin is null || admin.TryStart();
        // A predecessor that did not hand over in time may still have it: that is no reason not to serve.
        if (!isAdminUp && given.Count == 0) return ExitCodes.Failed;
        if (admin is not null) _ = AnnounceAdminAsync(admin, isAdminUp, time, logger, lifetime.Draining);
        var reloader = new RelayReloader(context, server, certificate, notifier, read);
        using IDisposable reloading = hangup.Register(reloader.Reload);
        RelayLog.Ready(logger, server.DescribeAddresses());
        audit.Started(server.DescribeAddresses());
        notifier.Notify(SystemdNotifier.Ready);
        await lifetime.WhenDrainingAsync();
        notifier.Notify(SystemdNotifier.Stopping);
        audit.Draining();
        int broken = await server.DrainAsync(lifetime.Stopping, onHandingOver: () => admin?.Dispose());
        RelayLog.Stopped(logger, broken);
        audit.Stopped(broken);
        return ExitCodes.Ok;
    }

    /// <summary>Says where the admin listener is, as soon as it is.</summary>
    private static async Task AnnounceAdminAsync(AdminServer admin, bool isUp, TimeProvider time, ILogger logger, CancellationToken draining)
    {
        while (!isUp)
        {
            await Task.Delay(AdminRetry, time, draining).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (draining.IsCancellationRequested) return;
            isUp = admin.TryStart(isQuiet: true);
        }

        RelayLog.AdminReady(logger, admin.EndPoint);
    }
}
