using System.Globalization;
using Ptth.Proxy.Doctor.Findings;
using Ptth.Proxy.Doctor.Steps;
using Ptth.Proxy.Probes;

namespace Ptth.Proxy.Doctor.Judging;

/// <summary>Judges whether what rests is left alone.</summary>
internal static class IdleCutJudgement
{
    public static StepOutcome Of(Examination examination, IdleCut measured)
    {
        (string What, IdleDirection Direction)[] cuts = [.. new[] { ("an answer", measured.Down), ("a request's body", measured.Up) }.Where(static one => one.Item2.Cut != StreamCut.None)];
        if (cuts.Length == 0)
        {
            string unknown = measured.Up.Outcome != ProbeOutcome.Measured ? "; for request bodies it could not be measured" : "";
            return StepOutcome.Of($"{(unknown.Length > 0 ? "an answer" : "both directions")} may rest for {Seconds(measured.Waited)}: nothing cuts it off{unknown}");
        }

        TimeSpan first = cuts.Min(static cut => cut.Direction.After);
        string text = string.Join("; ", cuts.Select(static cut => $"{cut.What} that rests is cut off after {Seconds(cut.Direction.After)}{(cut.Direction.Cut == StreamCut.Silent ? " or less, and nobody is told" : "")}"));
        return StepOutcome.Of(text, examination.Find(FindingKind.IdleCut, text, (long)first.TotalSeconds, cuts[0].Direction.Answer)) with
        {
            Measured = new Dictionary<string, double> { ["cut_after_seconds"] = Math.Round(first.TotalSeconds, 1) },
        };
    }

    private static string Seconds(TimeSpan span) => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0} s");
}
