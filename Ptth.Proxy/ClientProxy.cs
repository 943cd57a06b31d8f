using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Ptth.Common.Cli;
using Ptth.Common.Hosting;
using Ptth.Http.Transport;
using Ptth.Proxy.Configuration;
using Ptth.Proxy.Live;
using Ptth.Proxy.Relaying;
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
    /// <returns>The program's exit code.</returns>
    public static async Task<int> RunAsync(ClientProxyConfig config, ILoggerFactory loggers, ProcessLifetime lifetime, LiveTerminal? terminal = null)
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
        var terminator = new ClientTerminator(config, relay, watch, tunnels, traffic, ticker, logger);
        List<(Forward Forward, TcpListenerLoop Listener)> forwards = [];
        try
        {
            foreach (Forward forward in config.Forwards)
            {
                if (!TryListen(forward, time, logger, out TcpListenerLoop? listener)) return ExitCodes.Failed;
                forwards.Add((forward, listener!));
            }

            Task[] loops = [.. forwards.Select(entry => entry.Listener.RunAsync(
                socket => _ = terminator.ServeAsync(entry.Forward, socket, lifetime.Draining, lifetime.Stopping),
                failure => ProxyLog.CannotAccept(logger, ListenFailure.Describe(failure))))];
            terminator.ProbePath(lifetime.Stopping);
            ProxyLog.ClientReady(logger, Describe(forwards));
            SystemdNotifier.FromEnvironment(logger).Notify(SystemdNotifier.Ready);
            using LiveStatus? live = LiveStatus.Start(terminal, config.Relay, link, traffic, lifetime);
            Task watching = watch.RunAsync(lifetime.Draining);
            using (lifetime.Draining.Register(() => forwards.ForEach(static entry => entry.Listener.Dispose())))
            {
                await Task.WhenAll([.. loops, watching]);
            }

            await ProxyDrain.UntilEmptyAsync(tunnels, lifetime.Stopping);
            return ExitCodes.Ok;
        }
        finally
        {
            forwards.ForEach(static entry => entry.Listener.Dispose());
        }
    }

    private static bool TryListen(Forward forward, TimeProvider time, ILogger logger, out TcpListenerLoop? listener)
    {
        try
        {
            listener = new TcpListenerLoop(forward.Listen, time);
            return true;
        }
        catch (SocketException failure)
        {
            ProxyLog.CannotListen(logger, forward.Listen, ListenFailure.Describe(failure.SocketErrorCode));
            listener = null;
            return false;
        }
    }

    private static string Describe(List<(Forward Forward, TcpListenerLoop Listener)> forwards) =>
        string.Join(", ", forwards.Select(static entry => $"{entry.Listener.LocalEndPoint} to {entry.Forward.Server}/{entry.Forward.Port}"));
}
