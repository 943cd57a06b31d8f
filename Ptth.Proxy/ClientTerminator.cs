using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Ptth.Common.Protocol;
using Ptth.Http.Transport;
using Ptth.Proxy.Configuration;
using Ptth.Proxy.Live;
using Ptth.Proxy.Relaying;
using Ptth.Proxy.Tunnels;

namespace Ptth.Proxy;

/// <summary>The client's end: each TCP connection to a local port becomes a tunnel.</summary>
internal sealed class ClientTerminator(
    ClientProxyConfig config, RelayClient relay, RelayWatch watch, TunnelSet tunnels, Traffic traffic, UploadProbe probe, Ticker ticker, ILogger logger)
{
    private readonly TunnelRunner _runner = new(relay, traffic, config.Timeouts, config.Upload, probe, ticker, logger);
    private readonly TunnelRequest _request = new(
        relay, watch, config.ConnectWait, RecordTerms.Offer(config.KeepAliveSeconds, config.MarkEnds).Describe(), ticker.Time, Random.Shared, logger);

    /// <inheritdoc cref="TunnelRunner.ProbePath"/>
    public void ProbePath(CancellationToken stopping) => _runner.ProbePath(stopping);

    /// <summary>Serves one TCP connection to the end. Never throws.</summary>
    /// <param name="forward">Where it goes.</param>
    /// <param name="socket">The connection; taken over.</param>
    /// <param name="draining">No more tries to have a tunnel.</param>
    /// <param name="stopping">Breaks it off.</param>
    public async Task ServeAsync(Forward forward, Socket socket, CancellationToken draining, CancellationToken stopping)
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
            await TunnelAsync(forward, local, draining, stopping);
        }
        catch (Exception failure) when (Connection.IsConnectionFailure(failure))
        {
            ProxyLog.NoTunnel(logger, forward.Server, forward.Port, local.RemoteEndPoint, failure.Message);
            watch.Failed(failure.Message);
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

    private async Task TunnelAsync(Forward forward, SocketChannel local, CancellationToken draining, CancellationToken stopping)
    {
        long start = ticker.NowMilliseconds;
        TunnelAnswer answer = await _request.AskAsync(forward, local.RemoteEndPoint, draining, stopping);
        if (answer.Download is null)
        {
            ProxyLog.NoTunnel(logger, forward.Server, forward.Port, local.RemoteEndPoint, answer.Refusal);
            local.Abort();
            return;
        }

        RecordTerms? records = RelayClient.ReadRecordTerms(answer.Download.Response, PtthHeaders.Agreed);
        await _runner.RunAsync(local, answer.Download, PtthPaths.Upstream, answer.Id, records, start, stopping);
    }
}
