using Microsoft.Extensions.Logging;
using Ptth.Common.Cli;
using Ptth.Common.Hosting;
using Ptth.Http.Transport;
using Ptth.Proxy.Configuration;
using Ptth.Proxy.Relaying;
using Ptth.Proxy.Tunnels;

namespace Ptth.Proxy;

/// <summary>The running server-side proxy.</summary>
internal static class ServerProxy
{
    /// <summary>Runs until the lifetime ends it.</summary>
    /// <returns>The program's exit code.</returns>
    public static async Task<int> RunAsync(ServerProxyConfig config, ILoggerFactory loggers, ProcessLifetime lifetime)
    {
        ILogger logger = loggers.CreateLogger("proxy");
        if (config.HttpProxy is { } httpProxy) ProxyLog.ThroughProxy(logger, httpProxy.Url, httpProxy.Source);
        TimeProvider time = TimeProvider.System;
        using var ticker = new Ticker(time);
        using var relay = new RelayClient(config.Relay, config.Trust, config.HttpProxy?.Url, config.Key, config.Timeouts, ticker, time);
        // A waiting listen takes a place, so that a client which it announces has one.
        using var tunnels = new TunnelSet(config.MaxTunnels + (config.Ports.Count * config.ListensPerPort));
        var terminator = new ServerTerminator(config, relay, ticker, time, logger);
        var backoff = new Backoff(time, Random.Shared);
        List<ListenLoop> loops = [];
        foreach (PortMapping port in config.Ports)
        {
            for (int i = 0; i < config.ListensPerPort; i++) loops.Add(new ListenLoop(port, relay, terminator, tunnels, backoff, logger));
        }

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
