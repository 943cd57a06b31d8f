using Microsoft.Extensions.Logging;
using Ptth.Common.Protocol;
using Ptth.Http.Client;
using Ptth.Http.Transport;
using Ptth.Proxy.Configuration;
using Ptth.Proxy.Relaying;
using Ptth.Proxy.Tunnels;

namespace Ptth.Proxy;

/// <summary>The server's end of one tunnel: dials the target, and only then accepts; or rejects and says why.</summary>
internal sealed class ServerTerminator(ServerProxyConfig config, RelayClient relay, Ticker ticker, TimeProvider time, ILogger logger)
{
    /// <summary>Serves one connection that a listen announced, to the end. Never throws.</summary>
    public async Task ServeAsync(PortMapping port, ConnectionId id, string client, CancellationToken stopping)
    {
        try
        {
            DialResult dialed = await TcpDialer.DialAsync(port.Target.Host, port.Target.Port, config.DialTimeout, time, stopping);
            if (dialed.Socket is null)
            {
                ProxyLog.Rejected(logger, id, client, dialed.Detail);
                await relay.RejectAsync(id, ReasonOf(port, dialed), stopping);
                return;
            }

            using var local = new SocketChannel(dialed.Socket);
            await TunnelAsync(local, id, client, stopping);
        }
        catch (Exception failure) when (Connection.IsConnectionFailure(failure))
        {
            ProxyLog.NotAccepted(logger, id, client, failure.Message);
        }
        catch (Exception failure)
        {
            ProxyLog.TunnelFailed(logger, failure);
        }
    }

    private async Task TunnelAsync(SocketChannel local, ConnectionId id, string client, CancellationToken stopping)
    {
        long start = ticker.NowMilliseconds;
        ClientExchange? download = null;
        ClientExchange? upload = null;
        TunnelPump pump;
        try
        {
            download = await relay.AcceptAsync(id, stopping);
            if (download.Response.Status != 200)
            {
                ProxyLog.NotAccepted(logger, id, client, await RelayClient.ReadRefusalAsync(download));
                local.Abort();
                return;
            }

            upload = await relay.StartUploadAsync(PtthPaths.Downstream, id, stopping);
            pump = new TunnelPump(local, upload, download, config.Timeouts, ticker);
        }
        catch
        {
            TunnelPump.BreakOff(upload, download);
            local.Abort();
            throw;
        }

        TunnelEnd end = await pump.RunAsync(stopping);
        ProxyLog.TunnelEnded(logger, id, end, pump.SentBytes, pump.ReceivedBytes, (ticker.NowMilliseconds - start) / 1000.0);
    }

    /// <summary>What the client is told. The target's address is the server's own affair: the name stands for it.</summary>
    private static Problem ReasonOf(PortMapping port, DialResult dialed)
    {
        (string type, string title, string detail) = dialed.Failure switch
        {
            DialFailure.Refused => (ProblemTypes.TargetRefused, "Target refused", "refused the connection"),
            DialFailure.TimedOut => (ProblemTypes.TargetTimeout, "Target timed out", "did not answer in time"),
            _ => (ProblemTypes.TargetUnreachable, "Target unreachable", "cannot be reached"),
        };
        return new Problem(type, title, 502, $"The target of port {port.Name} {detail}.");
    }
}
