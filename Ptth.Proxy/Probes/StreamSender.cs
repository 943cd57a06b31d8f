using Ptth.Common.Protocol;
using Ptth.Http.Transport;

namespace Ptth.Proxy.Probes;

/// <summary>Sends a long chunked body to the relay, and finds out how much of it came, in which time, and what cut it.</summary>
internal sealed class StreamSender
{
    /// <summary>How long an answer may come behind the report that the stream is cut, or the other way round: they come on ways of their own.</summary>
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(1);

    private readonly ProbeRun _run;
    private readonly ProbeUpload _upload;
    private readonly long _bytes;
    private readonly long _began;
    private long _firstBytes;
    private long _firstAt;
    private long _lastAt;

    private StreamSender(ProbeRun run, ProbeUpload upload, long bytes)
    {
        (_run, _upload, _bytes) = (run, upload, bytes);
        _began = _firstAt = _lastAt = run.Time.GetTimestamp();
    }

    /// <summary>Sends so many bytes, or as many as go within <see cref="ProbeOrder.MaxTime"/>.</summary>
    /// <exception cref="ProbeRefusedException">The relay does not take it.</exception>
    /// <exception cref="IOException">The relay cannot be reached.</exception>
    public static async Task<StreamRate> RunAsync(ProbeRun run, long bytes)
    {
        using ProbeUpload upload = await ProbeUpload.OpenAsync(run);
        return await new StreamSender(run, upload, bytes).RunAsync();
    }

    /// <summary>How a stream was cut whose reports are over.</summary>
    public static async Task<(StreamCut Cut, PathAnswer? Answer)> CutAsync(ProbeRun run, ProbeUpload upload)
    {
        if (!await run.ComesAsync(upload.Answered, AnswerTime) || !upload.Answer.IsCompletedSuccessfully)
            return (upload.Report.End == ProbeReportEnd.Clean ? StreamCut.None : StreamCut.Broken, null);
        PathAnswer answer = await upload.Answer;
        return answer is { Status: 200, IsRelays: true } ? (StreamCut.None, answer) : (StreamCut.Answered, answer);
    }

    private async Task<StreamRate> RunAsync()
    {
        Task sending = SendAsync(), reading = ReadAsync();
        _run.Track(sending);
        _run.Track(reading);
        // After an answer nothing more will be reported, but for what is on its way.
        await Task.WhenAny(reading, _upload.Answered);
        await _run.ComesAsync(reading, AnswerTime);
        (StreamCut cut, PathAnswer? answer) = await CutAsync(_run, _upload);
        // Held back for longer than the relay waits for its beginning: nothing has cut it.
        if (reading.IsCompleted && _upload.Report.End == ProbeReportEnd.None && answer is null or { IsRelays: true })
            return StreamRate.NotMeasured with { Sent = _upload.Sent };
        long arrived = _upload.Report.Bytes;
        // What the first report tells of came since the beginning; where it is not the only one, what came after it is measured.
        bool isOne = arrived == _firstBytes;
        return new StreamRate(ProbeOutcome.Measured, arrived, _run.Time.GetElapsedTime(isOne ? _began : _firstAt, _lastAt), cut, answer)
        {
            Sent = _upload.Sent,
            Uncounted = isOne ? 0 : _firstBytes,
        };
    }

    private async Task ReadAsync()
    {
        while (_upload.Report.End is ProbeReportEnd.None or ProbeReportEnd.Open && await _upload.ReadReportAsync())
        {
            if (_upload.Report.Bytes == 0) continue;
            _lastAt = _run.Time.GetTimestamp();
            if (_firstBytes == 0) (_firstBytes, _firstAt) = (_upload.Report.Bytes, _lastAt);
        }
    }

    private async Task SendAsync()
    {
        try
        {
            while (_upload.Sent < _bytes && !_upload.Answered.IsCompleted && _run.Time.GetElapsedTime(_began) < ProbeOrder.MaxTime)
                await _upload.SendAsync(_bytes - _upload.Sent);
            if (!_upload.Answered.IsCompleted) await _upload.EndAsync();
        }
        catch (Exception failure) when (Connection.IsConnectionFailure(failure))
        {
            // The answer and the reports say more about it.
        }
    }
}
