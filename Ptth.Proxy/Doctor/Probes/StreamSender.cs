using Ptth.Common.Protocol;
using Ptth.Http.Transport;

namespace Ptth.Proxy.Doctor.Probes;

/// <summary>Sends a long chunked body to the relay, and finds out how much of it came, in which time, and what cut it.</summary>
internal static class StreamSender
{
    /// <summary>How long an answer may come behind the report that the stream is cut: the two come on ways of their own.</summary>
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(1);

    /// <summary>Sends so many bytes, or as many as go within <see cref="ProbeOrder.MaxTime"/>.</summary>
    /// <exception cref="ProbeRefusedException">The relay does not take it.</exception>
    /// <exception cref="IOException">The relay cannot be reached.</exception>
    public static async Task<StreamRate> RunAsync(ProbeRun run, long bytes)
    {
        using ProbeUpload upload = await ProbeUpload.OpenAsync(run);
        long began = run.Time.GetTimestamp();
        Task sending = SendAsync(run, upload, bytes, began);
        run.Track(sending);
        long firstAt = began, lastAt = began, first = 0;
        while (upload.Report.End is ProbeReportEnd.None or ProbeReportEnd.Open && await upload.ReadReportAsync())
        {
            if (upload.Report.Bytes == 0) continue;
            if (first == 0) (first, firstAt) = (upload.Report.Bytes, run.Time.GetTimestamp());
            lastAt = run.Time.GetTimestamp();
        }

        // What came in one report came since the beginning.
        bool isOne = upload.Report.Bytes == first;
        (long moved, TimeSpan time) = isOne
            ? (first, run.Time.GetElapsedTime(began, lastAt))
            : (upload.Report.Bytes - first, run.Time.GetElapsedTime(firstAt, lastAt));
        (StreamCut cut, PathAnswer? answer) = await CutAsync(run, upload);
        return new StreamRate(ProbeOutcome.Measured, cut == StreamCut.None ? moved : upload.Report.Bytes, time, cut, answer) { Sent = upload.Sent };
    }

    /// <summary>How a stream was cut whose reports are over.</summary>
    public static async Task<(StreamCut Cut, PathAnswer? Answer)> CutAsync(ProbeRun run, ProbeUpload upload)
    {
        if (!await run.ComesAsync(upload.Answered, AnswerTime) || !upload.Answer.IsCompletedSuccessfully)
            return (upload.Report.End == ProbeReportEnd.Clean ? StreamCut.None : StreamCut.Broken, null);
        PathAnswer answer = await upload.Answer;
        return answer is { Status: 200, IsRelays: true } ? (StreamCut.None, answer) : (StreamCut.Answered, answer);
    }

    private static async Task SendAsync(ProbeRun run, ProbeUpload upload, long bytes, long began)
    {
        try
        {
            while (upload.Sent < bytes && !upload.Answered.IsCompleted && run.Time.GetElapsedTime(began) < ProbeOrder.MaxTime)
                await upload.SendAsync(bytes - upload.Sent);
            if (!upload.Answered.IsCompleted) await upload.EndAsync();
        }
        catch (Exception failure) when (Connection.IsConnectionFailure(failure))
        {
            // The answer and the reports say more about it.
        }
    }
}
