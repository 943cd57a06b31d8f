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

/// <summary>The running client-side proxy.</summary>
internal static class ClientProxy
{
    /// <summary>Runs until the lifetime ends it.</summary>
    /// <param name="config">What it is to do.</param>
    /// <param name="loggers">Where it says what it does.</param>
    /// <param name="lifetime">What ends it.</param>
    /// <param name="terminal">Where it shows how things stand; null for nowhere.</param>
    /// <param name="reload">How it is asked to read its configuration again; null for never.</param>
    /// <returns>The program's exit code.</returns>
    public static async Task<int> RunAsync(ClientProxyConfig config, ILoggerFactory loggers, ProcessLifetime lifetime, LiveTerminal? terminal = null,
        ProxyReload<ClientProxyConfig>? reload = null)
    {
        ILogger logger = loggers.CreateLogger("proxy");
        if (config.HttpProxy is { } httpProxy) ProxyLog.ThroughProxy(logger, httpProxy.Url, httpProxy.Source);
        TimeProvider time = TimeProvider.System;
        using var ticker = new Ticker(time);
        using var relay = new RelayClient(config.Relay, config.Trust, config.HttpProxy?.Url, config.Key, config.Timeouts, ticker, time);
        using var tunnels = new TunnelSet(config.MaxTunnels);
        var link = new RelayLink(time);
        var traffic = new Traffic();
        using var watch = new RelayWatch(relay, link, new Backoff(time, Random.Shared), logger);
        var probe = new UploadProbe(relay, link, time, logger, lifetime.Stopping);
        ClientTerminator terminator = NewTerminator(config);
        using var forwards = new ForwardSet(
            (forward, socket) => _ = Volatile.Read(ref terminator).ServeAsync(forward, socket, lifetime.Draining, lifetime.Stopping), time, logger);
        if (!forwards.Use(config.Forwards, [])) return ExitCodes.Failed;
        var notifier = SystemdNotifier.FromEnvironment(logger);
        terminator.ProbePath(lifetime.Stopping);
        // Whoever is told that it is ready may ask for that at once.
        IDisposable? reloading = reload?.Register(() => ConfigReload.Run(Reload, notifier, logger));
        ProxyLog.ClientReady(logger, forwards.Describe());
        notifier.Notify(SystemdNotifier.Ready);
        using LiveStatus? live = LiveStatus.Start(terminal, config.Relay, link, traffic, lifetime);
        Task watching = watch.RunAsync(lifetime.Draining);
        using (reloading)
        {
            await lifetime.WhenDrainingAsync();
        }

        forwards.Dispose();
        await Task.WhenAll(forwards.WhenEndedAsync(), watching);
        await ProxyDrain.UntilEmptyAsync(tunnels, lifetime.Stopping);
        return ExitCodes.Ok;

        ClientTerminator NewTerminator(ClientProxyConfig told) => new(told, relay, watch, tunnels, traffic, probe, ticker, logger);

        void Reload()
        {
            ClientProxyConfig next = reload!.Read();
            List<string> changes = [.. next.Shared.TakenSince(config.Shared), .. next.ChangesSince(config)];
            relay.Use(next.Key);
            tunnels.Resize(next.MaxTunnels);
            Volatile.Write(ref terminator, NewTerminator(next));
            forwards.Use(next.Forwards, changes);
            reload.Tell(logger, changes, next.Shared.NeedRestartSince(config.Shared));
            config = next with { Relay = config.Relay, Trust = config.Trust, HttpProxy = config.HttpProxy, Timeouts = next.Timeouts.WithConnectionsOf(config.Timeouts) };
        }
    }
}
