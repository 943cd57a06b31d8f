using Microsoft.Extensions.Logging;
using Ptth.Common.Protocol;
using Ptth.Http.Client;
using Ptth.Http.Core;
using Ptth.Http.Transport;
using Ptth.Proxy.Configuration;
using Ptth.Proxy.Live;
using Ptth.Proxy.Relaying;

namespace Ptth.Proxy.Tunnels;

/// <summary>The last step of both terminators: from the answer that brings the other party's bytes to the tunnel's end.</summary>
internal sealed class TunnelRunner(
    RelayClient relay, Traffic traffic, ProxyTimeouts timeouts, UploadSettings upload, UploadProbe probe, Ticker ticker, ILogger logger)
{
    private readonly SegmentBound _bound = new(upload.SegmentBytes, logger);

    /// <summary>Begins the upload, moves bytes until the tunnel ends, and logs the end.</summary>
    /// <param name="local">The TCP connection; closed or reset in any case.</param>
    /// <param name="download">The answer to connect or accept; given back or broken off in any case.</param>
    /// <param name="uploadPath">Where this party's bytes go.</param>
    /// <param name="id">The connection's ID.</param>
    /// <param name="records">What was agreed on, where the streams are made of records; null where they are the bytes themselves.</param>
    /// <param name="startedMilliseconds">When the tunnel began to be set up, in the ticker's time.</param>
    /// <param name="stopping">Breaks it off.</param>
    public async Task RunAsync(SocketChannel local, ClientExchange download, string uploadPath, ConnectionId id, RecordTerms? records, long startedMilliseconds,
        CancellationToken stopping)
    {
        ITunnelUpload? up = null;
        TunnelPump pump;
        try
        {
            up = await NeedsSegmentsAsync(download.Response, stopping)
                ? new SegmentUpload(local, new SegmentSender(relay, uploadPath, id, download.Server, _bound, ticker.Time), _bound, records, new CancellationTokenSource(), id, logger)
                : await OpenStreamAsync(local, uploadPath, id, download.Server, records, stopping);
            pump = new TunnelPump(local, up, download, records, timeouts, ticker);
        }
        catch
        {
            up?.Abort();
            up?.Finish();
            download.Abort();
            download.Finish();
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

        if (end == TunnelEnd.RelayBroke) probe.Doubt();
        double seconds = (ticker.NowMilliseconds - startedMilliseconds) / 1000.0;
        ProxyLog.TunnelEnded(logger, id, end, ProxyLog.Describe(pump.By(end)), pump.SentBytes, pump.ReceivedBytes, seconds);
    }

    /// <summary>Finds out at the start how the path takes uploads, so that the first tunnel need not wait for it.</summary>
    public void ProbePath(CancellationToken stopping)
    {
        if (upload.Mode == UploadMode.Auto) _ = probe.NeedsSegmentsAsync(stopping).AsTask();
    }

    /// <summary>Whether this party's bytes go in segments.</summary>
    /// <exception cref="ExchangeException">They are to, and the relay does not take them.</exception>
    private async ValueTask<bool> NeedsSegmentsAsync(ResponseHead answer, CancellationToken stopping)
    {
        bool taken = RelayClient.TakesSegments(answer);
        return upload.Mode switch
        {
            UploadMode.Stream => false,
            UploadMode.Segments when !taken => throw new ExchangeException(
                "upload is \"segments\", and this relay does not take them: bring the relay up to date, or set upload to \"stream\""),
            UploadMode.Segments => true,
            _ => taken && await probe.NeedsSegmentsAsync(stopping),
        };
    }

    private async Task<StreamUpload> OpenStreamAsync(
        SocketChannel local, string path, ConnectionId id, string? process, RecordTerms? records, CancellationToken stopping)
    {
        ClientExchange exchange = await relay.StartUploadAsync(path, id, process, stopping);
        return new StreamUpload(local, exchange, records, upload.Mode == UploadMode.Auto ? probe.OnRefused : static () => { });
    }
}
