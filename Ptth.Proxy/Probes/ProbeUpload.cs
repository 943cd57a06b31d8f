using Ptth.Common.Protocol;
using Ptth.Http;
using Ptth.Http.Client;
using Ptth.Http.Flow;

namespace Ptth.Proxy.Probes;

/// <summary>A <c>probe/stream</c> with its <c>probe/reports</c>: bytes go out on the one, and the other tells when they are at the relay.</summary>
internal sealed class ProbeUpload : IDisposable
{
    /// <summary>How long the answer that says why a stream was cut may come behind the report that it was.</summary>
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(2);

    private static readonly byte[] ConnectionField = PtthHeaders.Connection.ToArray();

    private readonly ProbeRun _run;
    private readonly ClientExchange _stream;
    private readonly BodyPieces _lines;
    private readonly PieceSender _body;
    private readonly byte[] _line = new byte[ProbeReport.Length];
    private int _inLine;

    private ProbeUpload(ProbeRun run, ClientExchange reports, ClientExchange stream)
    {
        _run = run;
        _stream = stream;
        _lines = new BodyPieces(reports.OpenResponseBody());
        _body = stream.OpenRequestPieces();
        Answer = run.ReadAnswerAsync(stream);
        Answered = WhenDoneAsync(Answer);
    }

    /// <summary>The answer to the stream: before its end, one that cuts it. It fails where the connection breaks.</summary>
    public Task<PathAnswer> Answer { get; }

    /// <summary>Completes with <see cref="Answer"/>, and never fails.</summary>
    public Task Answered { get; }

    /// <summary>How many bytes were sent.</summary>
    public long Sent { get; private set; }

    /// <summary>The last report.</summary>
    public ProbeReport Report { get; private set; }

    /// <summary>Whether any report has come: the first one does at once.</summary>
    public bool HasReports { get; private set; }

    /// <summary>Opens both.</summary>
    /// <exception cref="ProbeRefusedException">The reports were refused.</exception>
    /// <exception cref="ExchangeException">There is no usable answer.</exception>
    public static async Task<ProbeUpload> OpenAsync(ProbeRun run)
    {
        ClientExchange reports = await run.GetAsync(PtthPaths.ProbeReports, TimeSpan.Zero);
        string id = PathAnswer.TextOf(reports.Response.Fields, ConnectionField) ?? "";
        return new ProbeUpload(run, reports, await run.StartAsync(PtthPaths.ProbeStream, null, reports.Server, new HttpField(ConnectionField, id)));
    }

    /// <summary>Sends so many bytes, in one chunk.</summary>
    /// <param name="bytes">1 to <see cref="ProbeBytes.BlockBytes"/>; fewer are sent where the block ends.</param>
    /// <exception cref="IOException">The connection broke, as with all exceptions of a channel.</exception>
    public async Task SendAsync(long bytes)
    {
        ReadOnlyMemory<byte> piece = ProbeBytes.At(Sent, bytes);
        await _body.SendAsync(piece);
        Sent += piece.Length;
    }

    /// <summary>Ends the stream.</summary>
    /// <exception cref="IOException">The connection broke, as with all exceptions of a channel.</exception>
    public async Task EndAsync()
    {
        await _body.EndAsync();
        _stream.EndRequestBody();
    }

    /// <summary>Breaks the stream off; the reports go on.</summary>
    public void Abort() => _stream.Abort();

    /// <summary>Reads the next report; false where there are no more: the answer that has them ended, or broke off.</summary>
    public async Task<bool> ReadReportAsync()
    {
        while (true)
        {
            // A report is read alone, so that none is lost with what is behind it.
            await _lines.WaitAsync();
            (BodyStep step, int read) = await _lines.ReadReadyAsync(_line.AsMemory(_inLine));
            _inLine += read;
            if (_inLine == ProbeReport.Length)
            {
                _inLine = 0;
                if (!ProbeReport.TryRead(_line, out ProbeReport report)) return false;
                Report = report;
                HasReports = true;
                return true;
            }

            if (step != BodyStep.More) return false;
        }
    }

    /// <summary>Reads reports until one is of that many bytes, or of the stream's end; false where there are no more.</summary>
    public async Task<bool> ReadReportsAsync(long bytes)
    {
        while (Report.Bytes < bytes && Report.End is ProbeReportEnd.None or ProbeReportEnd.Open)
        {
            if (!await ReadReportAsync()) return false;
        }

        return true;
    }

    /// <summary>Why there are no more reports though the stream was to go on: the answer says it, which may come behind the last report.</summary>
    public async Task<Exception> WhyCutAsync()
    {
        await _run.ComesAsync(Answered, AnswerTime);
        return Answer is { IsCompletedSuccessfully: true, Result: var answer }
            ? new ProbeRefusedException(answer)
            : new ExchangeException($"a stream broke off after {Report.Bytes} bytes");
    }

    /// <inheritdoc/>
    public void Dispose() => _body.Dispose();

    private static async Task WhenDoneAsync(Task task) => await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
