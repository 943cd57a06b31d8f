using Ptth.Common.Protocol;
using Ptth.Http.Client;
using Ptth.Http.Core;
using Ptth.Http.Flow;
using Ptth.Proxy.Relaying;

namespace Ptth.Proxy.Probes;

/// <summary>Sends a chunked body and has the relay say what came of it; and has a chunked answer sent.</summary>
internal sealed class ChunkingProbe(RelayClient relay, TimeProvider time)
{
    private const int AnswerBytes = 4096;

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    /// <summary>Runs it.</summary>
    public Task<Chunking> RunAsync(CancellationToken cancellation) =>
        ProbeRun.RunAsync(relay, time, Bound, new Chunking { Outcome = ProbeOutcome.Late }, MeasureAsync, cancellation);

    private static async Task<Chunking> MeasureAsync(ProbeRun run)
    {
        ProbeEcho echo = await SendAsync(run);
        var found = new Chunking
        {
            Outcome = ProbeOutcome.Measured,
            Request = echo,
            RequestIsChunked = "chunked".Equals(echo.TransferEncoding, StringComparison.OrdinalIgnoreCase),
        };
        // The relay refuses streams to HTTP/1.0 (426): that much is known already.
        ClientExchange exchange = await run.AskAsync(PtthPaths.ProbeDownload, TimeSpan.Zero, ProbeDownload.FieldOf(new ProbeOrder(default, AnswerBytes, IsBare: false)));
        ResponseHead head = exchange.Response;
        bool isUntilClose = head.Status == 200 && head.Framing.Kind == BodyKind.UntilClose;
        found = found with { Answer = PathAnswer.Of(head), AnswerIsChunked = head.Status == 200 && head.Framing.Kind == BodyKind.Chunked, AnswerEndsWithConnection = isUntilClose };
        if (head.Status != 200 || isUntilClose) return found;
        var download = ProbeDownload.Of(exchange);
        bool isWhole = await download.ReadPastAsync(long.MaxValue) == BodyStep.End && download.Bytes == ProbeOrder.FirstBytes + AnswerBytes;
        if (isWhole) run.Finish(exchange);
        return found with { AnswerIsChanged = download.IsChanged || !isWhole, AnswerEncoding = PathAnswer.TextOf(head.Fields, "Content-Encoding"u8) };
    }

    private static async Task<ProbeEcho> SendAsync(ProbeRun run)
    {
        ClientExchange exchange = await run.StartAsync(PtthPaths.ProbeEcho);
        Task<PathAnswer> reading = run.ReadAnswerAsync(exchange);
        using PieceSender body = exchange.OpenRequestPieces();
        await body.SendAsync(ProbeBytes.At(0, ProbeReport.Length));
        await body.EndAsync();
        exchange.EndRequestBody();
        PathAnswer answer = await reading;
        if (answer.Status != 200) throw new ProbeRefusedException(answer);
        return await EchoReader.ReadAsync(run, exchange);
    }
}
