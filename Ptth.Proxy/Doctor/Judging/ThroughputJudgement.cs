using Ptth.Common.Text;
using Ptth.Proxy.Doctor.Steps;
using Ptth.Proxy.Probes;

namespace Ptth.Proxy.Doctor.Judging;

/// <summary>Tells how much gets through; it may be as it is meant to be, whatever it is.</summary>
internal static class ThroughputJudgement
{
    public static StepOutcome Of(Throughput measured)
    {
        var numbers = new Dictionary<string, double>();
        string up = Describe(measured.Up, "up", numbers), down = Describe(measured.Down, "down", numbers);
        return StepOutcome.Of($"{up}; {down}") with { Measured = numbers };
    }

    private static string Describe(StreamRate rate, string direction, Dictionary<string, double> numbers)
    {
        if (rate.Outcome != ProbeOutcome.Measured) return $"{direction} not measured";
        numbers[$"{direction}_bytes_per_second"] = Math.Round(rate.BytesPerSecond);
        string cut = rate.Cut == StreamCut.None ? "" : $", then it was cut after {Readable.Bytes(rate.Bytes)}";
        return $"{direction} {Readable.Rate(rate.BytesPerSecond)}{cut}";
    }
}
