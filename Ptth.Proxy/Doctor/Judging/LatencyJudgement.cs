using System.Globalization;
using Ptth.Proxy.Doctor.Findings;
using Ptth.Proxy.Doctor.Steps;
using Ptth.Proxy.Probes;

namespace Ptth.Proxy.Doctor.Judging;

/// <summary>Judges how long small messages take.</summary>
internal static class LatencyJudgement
{
    /// <summary>Less than what waits for more bytes adds, 40 ms or 200 ms; more than a busy machine does to a median.</summary>
    private static readonly TimeSpan MostAdded = TimeSpan.FromMilliseconds(25);

    public static StepOutcome Of(Examination examination, Latency measured)
    {
        double stream = measured.Stream.TotalMilliseconds, request = measured.Request.TotalMilliseconds;
        string text = string.Create(CultureInfo.InvariantCulture, $"64 bytes there and back on open streams take {stream:0.0} ms, a request and its answer {request:0.0} ms; medians of {measured.Rounds}");
        Finding[] findings = measured.Stream - measured.Request > MostAdded ? [examination.Find(FindingKind.Delay, text)] : [];
        return StepOutcome.Of(text, findings) with
        {
            Measured = new Dictionary<string, double> { ["stream_ms"] = Math.Round(stream, 3), ["request_ms"] = Math.Round(request, 3) },
        };
    }
}
