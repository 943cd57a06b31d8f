using Microsoft.Extensions.Logging;
using Ptth.Common.Cli;
using Ptth.Common.Hosting;
using Ptth.Http.Transport;
using Ptth.Proxy.Configuration;
using Ptth.Proxy.Live;
using Ptth.Proxy.Relaying;
using Ptth.Proxy.Reloading;
using Ptth.Proxy.Tunnels;

namespace Ptth.Proxy;

/// <summary>The running server-side proxy.</summary>
internal static class ServerProxy
{
    /// <summary>Runs until the lifetime ends it.</summary>
    /// <param name="config">What it is to do.</param>
    /// <param name="loggers">Where it says what it does.</param>
    /// <param name="lifetime">What ends it.</param>
    /// <param name="terminal">Where it shows how things stand; null for nowhere.</param>
    /// <param name="reload">How it is asked to read its configuration again; null for never.</param>
    /// <returns>The program's exit code.</returns>
    public static async Task<int> RunAsync(ServerProxyConfig config, ILoggerFactory loggers, ProcessLifetime lifetime, LiveTerminal? terminal = null,
        ProxyReload<ServerProxyConfig>? reload = null)
    {
        ILogger logger = loggers.CreateLogger("proxy");
        if (config.HttpProxy is { } httpProxy) ProxyLog.ThroughProxy(logger, httpProxy.Url, httpProxy.Source);
        TimeProvider time = TimeProvider.System;
        using var ticker = new Ticker(time);
        using var relay = new RelayClient(config.Relay, config.Trust, config.HttpProxy?.Url, config.Key, config.Timeouts, ticker, time);
        // A waiting listen takes a place, so that a client which it announces has one.
        using var tunnels = new TunnelSet(config.Places);
        var link = new RelayLink(time);
        var traffic = new Traffic();
        using LiveStatus? live = LiveStatus.Start(terminal, config.Relay, link, traffic, lifetime);
        var probe = new UploadProbe(relay, link, time, logger, lifetime.Stopping);
        var backoff = new Backoff(time, Random.Shared);
        var ports = new PortSet(lifetime);
        Offer(config, anew: false, []);
        Task announced = AnnounceAsync(config, ports.Loops, logger);
        var notifier = SystemdNotifier.FromEnvironment(logger);
        using (reload?.Register(() => ConfigReload.Run(Reload, announced.IsCompleted ? notifier : null, logger)))
        {
            await lifetime.WhenDrainingAsync();
        }

        await ports.WhenEndedAsync();
        await ProxyDrain.UntilEmptyAsync(tunnels, lifetime.Stopping);
        return ExitCodes.Ok;

        void Offer(ServerProxyConfig offered, bool anew, List<string> changes)
        {
            var terminator = new ServerTerminator(offered, relay, traffic, probe, ticker, time, logger);
            terminator.ProbePath(lifetime.Stopping);
            ListenLoop NewLoop(PortMapping port) => new(port, relay, terminator, tunnels, backoff, link, logger);
            ports.Use(offered.Ports, port => [.. Enumerable.Range(0, offered.ListensPerPort).Select(_ => NewLoop(port))], anew, changes);
        }

        void Reload()
        {
            ServerProxyConfig next = reload!.Read();
            List<string> changes = [.. next.Shared.TakenSince(config.Shared), .. next.ChangesSince(config)];
            bool anew = next.NeedsOtherListens(config);
            relay.Use(next.Key);
            tunnels.Resize(next.Places);
            Offer(next, anew, changes);
            reload.Tell(logger, changes, next.Shared.NeedRestartSince(config.Shared));
            config = next with { Relay = config.Relay, Trust = config.Trust, HttpProxy = config.HttpProxy, Timeouts = next.Timeouts.WithConnectionsOf(config.Timeouts) };
        }
    }

    private static async Task AnnounceAsync(ServerProxyConfig config, IReadOnlyList<ListenLoop> loops, ILogger logger)
    {
        // One for each port: the relay may take fewer than are asked for, and serves all the same.
        await Task.WhenAll(loops.GroupBy(static loop => loop.Port).Select(static ofPort => Task.WhenAny(ofPort.Select(static loop => loop.Served))));
        ProxyLog.ServerReady(logger, ProxyLog.Describe(config.Ports), config.Relay.ToString());
        SystemdNotifier.FromEnvironment(logger).Notify(SystemdNotifier.Ready);
    }
}
