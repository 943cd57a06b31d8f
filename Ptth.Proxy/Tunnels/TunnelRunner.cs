using Microsoft.Extensions.Logging;
using Ptth.Common.Protocol;
using Ptth.Http.Client;
using Ptth.Http.Transport;
using Ptth.Proxy.Configuration;
using Ptth.Proxy.Live;
using Ptth.Proxy.Relaying;

namespace Ptth.Proxy.Tunnels;

/// <summary>The last step of both terminators: from the answer that brings the other party's bytes to the tunnel's end.</summary>
internal sealed class TunnelRunner(RelayClient relay, Traffic traffic, ProxyTimeouts timeouts, Ticker ticker, ILogger logger)
{
    /// <summary>Begins the upload, moves bytes until the tunnel ends, and logs the end.</summary>
    /// <param name="local">The TCP connection; closed or reset in any case.</param>
    /// <param name="download">The answer to connect or accept; given back or broken off in any case.</param>
    /// <param name="uploadPath">Where this party's bytes go.</param>
    /// <param name="id">The connection's ID.</param>
    /// <param name="keepAlive">The longest time without a byte in the streams, seconds, which are made of records then, or 0 for any; null for no records.</param>
    /// <param name="startedMilliseconds">When the tunnel began to be set up, in the ticker's time.</param>
    /// <param name="stopping">Breaks it off.</param>
    public async Task RunAsync(SocketChannel local, ClientExchange download, string uploadPath, ConnectionId id, int? keepAlive, long startedMilliseconds,
        CancellationToken stopping)
    {
        ClientExchange? upload = null;
        TunnelPump pump;
        try
        {
            upload = await relay.StartUploadAsync(uploadPath, id, stopping);
            pump = new TunnelPump(local, upload, download, keepAlive, timeouts, ticker);
        }
        catch
        {
            BreakOff(upload);
            BreakOff(download);
            local.Abort();
            throw;
        }

        traffic.Add(pump);
        TunnelEnd end;
        try
        {
            end = await pump.RunAsync(stopping);
        }
        finally
        {
            traffic.Remove(pump);
        }

        double seconds = (ticker.NowMilliseconds - startedMilliseconds) / 1000.0;
        ProxyLog.TunnelEnded(logger, id, end, ProxyLog.Describe(pump.By(end)), pump.SentBytes, pump.ReceivedBytes, seconds);
    }

    private static void BreakOff(ClientExchange? exchange)
    {
        exchange?.Abort();
        exchange?.Finish();
    }
}
