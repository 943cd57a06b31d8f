using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Ptth.Common.Protocol;
using Ptth.Http.Client;
using Ptth.Http.Transport;
using Ptth.Proxy.Configuration;
using Ptth.Proxy.Relaying;
using Ptth.Proxy.Tunnels;

namespace Ptth.Proxy;

/// <summary>The client's end: each TCP connection to a local port becomes a tunnel.</summary>
internal sealed class ClientTerminator(ClientProxyConfig config, RelayClient relay, TunnelSet tunnels, Ticker ticker, ILogger logger)
{
    private readonly TunnelRunner _runner = new(relay, config.Timeouts, ticker, logger);

    /// <summary>Serves one TCP connection to the end. Never throws.</summary>
    /// <param name="forward">Where it goes.</param>
    /// <param name="socket">The connection; taken over.</param>
    /// <param name="stopping">Breaks it off.</param>
    public async Task ServeAsync(Forward forward, Socket socket, CancellationToken stopping)
    {
        // From the start: a process that is killed before the tunnel has come about has not ended anything cleanly either.
        using var local = new SocketChannel(socket) { BreaksOnClose = true };
        if (!tunnels.TryEnter())
        {
            ProxyLog.NoTunnel(logger, forward.Server, forward.Port, local.RemoteEndPoint, "max_tunnels are open");
            local.Abort();
            return;
        }

        try
        {
            await TunnelAsync(forward, local, stopping);
        }
        catch (Exception failure) when (Connection.IsConnectionFailure(failure))
        {
            ProxyLog.NoTunnel(logger, forward.Server, forward.Port, local.RemoteEndPoint, failure.Message);
            local.Abort();
        }
        catch (Exception failure)
        {
            ProxyLog.TunnelFailed(logger, failure);
            local.Abort();
        }
        finally
        {
            tunnels.Leave();
        }
    }

    private async Task TunnelAsync(Forward forward, SocketChannel local, CancellationToken stopping)
    {
        long start = ticker.NowMilliseconds;
        ClientExchange download = await relay.ConnectAsync(forward.Server, forward.Port, config.ConnectWait, stopping);
        if (!RelayClient.TryReadId(download.Response, out ConnectionId id))
        {
            ProxyLog.NoTunnel(logger, forward.Server, forward.Port, local.RemoteEndPoint, await RelayClient.ReadRefusalAsync(download));
            local.Abort();
            return;
        }

        await _runner.RunAsync(local, download, PtthPaths.Upstream, id, start, stopping);
    }
}
