using Microsoft.Extensions.Logging;
using Ptth.Common.Cli;
using Ptth.Common.Hosting;
using Ptth.Http.Transport;
using Ptth.Proxy.Configuration;
using Ptth.Proxy.Live;
using Ptth.Proxy.Relaying;
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
    /// <returns>The program's exit code.</returns>
    public static async Task<int> RunAsync(ServerProxyConfig config, ILoggerFactory loggers, ProcessLifetime lifetime, LiveTerminal? terminal = null)
    {
        ILogger logger = loggers.CreateLogger("proxy");
        if (config.HttpProxy is { } httpProxy) ProxyLog.ThroughProxy(logger, httpProxy.Url, httpProxy.Source);
        TimeProvider time = TimeProvider.System;
        using var ticker = new Ticker(time);
        using var relay = new RelayClient(config.Relay, config.Trust, config.HttpProxy?.Url, config.Key, config.Timeouts, ticker, time);
        // A waiting listen takes a place, so that a client which it announces has one.
        using var tunnels = new TunnelSet(config.MaxTunnels + (config.Ports.Count * config.ListensPerPort));
        var link = new RelayLink(time);
        var traffic = new Traffic();
        using LiveStatus? live = LiveStatus.Start(terminal, config.Relay, link, traffic, lifetime);
        var terminator = new ServerTerminator(config, relay, traffic, ticker, time, logger);
        var backoff = new Backoff(time, Random.Shared);
        List<ListenLoop> loops = [];
        foreach (PortMapping port in config.Ports)
        {
            for (int i = 0; i < config.ListensPerPort; i++) loops.Add(new ListenLoop(port, relay, terminator, tunnels, backoff, link, logger));
        }

        terminator.ProbePath(lifetime.Stopping);
        _ = AnnounceAsync(config, loops, logger);
        await Task.WhenAll(loops.Select(loop => loop.RunAsync(lifetime.Draining, lifetime.Stopping)));
        await ProxyDrain.UntilEmptyAsync(tunnels, lifetime.Stopping);
        return ExitCodes.Ok;
    }

    private static async Task AnnounceAsync(ServerProxyConfig config, List<ListenLoop> loops, ILogger logger)
    {
        // One for each port: the relay may take fewer than are asked for, and serves all the same.
        await Task.WhenAll(loops.GroupBy(static loop => loop.Port).Select(static ofPort => Task.WhenAny(ofPort.Select(static loop => loop.Served))));
        ProxyLog.ServerReady(logger, ProxyLog.Describe(config.Ports), config.Relay.ToString());
        SystemdNotifier.FromEnvironment(logger).Notify(SystemdNotifier.Ready);
    }
}
