using Microsoft.Extensions.Logging;
using Ptth.Common.Protocol;
using Ptth.Http.Client;
using Ptth.Http.Transport;
using Ptth.Proxy.Configuration;
using Ptth.Proxy.Live;
using Ptth.Proxy.Relaying;
using Ptth.Proxy.Tunnels;

namespace Ptth.Proxy;

/// <summary>The server's end of one tunnel: dials the target, and only then accepts; or rejects and says why.</summary>
internal sealed class ServerTerminator(ServerProxyConfig config, RelayClient relay, Traffic traffic, UploadProbe probe, Ticker ticker, TimeProvider time, ILogger logger)
{
    private readonly TunnelRunner _runner = new(relay, traffic, config.Timeouts, config.Upload, probe, ticker, logger);

    /// <inheritdoc cref="TunnelRunner.ProbePath"/>
    public void ProbePath(CancellationToken stopping) => _runner.ProbePath(stopping);

    /// <summary>Serves one connection that a listen announced, to the end. Never throws.</summary>
    /// <param name="port">The port that is wanted.</param>
    /// <param name="announced">Who wants it.</param>
    /// <param name="stopping">Breaks it off.</param>
    public async Task ServeAsync(PortMapping port, Announcement announced, CancellationToken stopping)
    {
        (ConnectionId id, string client) = (announced.Id, announced.Client);
        try
        {
            DialResult dialed = await TcpDialer.DialAsync(port.Target.Host, port.Target.Port, config.DialTimeout, time, stopping);
            if (dialed.Socket is null)
            {
                ProxyLog.Rejected(logger, id, client, port.Name, dialed.Detail);
                await relay.RejectAsync(id, announced.Process, ReasonOf(port, dialed), stopping);
                return;
            }

            // From the start: a process that is killed before the tunnel has come about has not ended anything cleanly either.
            using var local = new SocketChannel(dialed.Socket) { BreaksOnClose = true };
            await TunnelAsync(local, announced, RecordTerms.Agree(announced.Offered, config.KeepAliveSeconds, config.MarkEnds), stopping);
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

    private async Task TunnelAsync(SocketChannel local, Announcement announced, RecordTerms? records, CancellationToken stopping)
    {
        long start = ticker.NowMilliseconds;
        ClientExchange download;
        try
        {
            download = await relay.AcceptAsync(announced.Id, announced.Process, records?.Describe(), stopping);
        }
        catch
        {
            local.Abort();
            throw;
        }

        if (download.Response.Status != 200)
        {
            local.Abort();
            ProxyLog.NotAccepted(logger, announced.Id, announced.Client, (await RelayClient.ReadRefusalAsync(download)).Text);
            return;
        }

        await _runner.RunAsync(local, download, PtthPaths.Downstream, announced.Id, records, start, stopping);
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
