using System.Globalization;
using Ptth.Common.Text;
using Ptth.Proxy.Doctor.Findings;
using Ptth.Proxy.Doctor.Steps;
using Ptth.Proxy.Probes;

namespace Ptth.Proxy.Doctor.Judging;

/// <summary>Judges whether long bodies get through.</summary>
internal static class SizeCapJudgement
{
    public static StepOutcome Of(Examination examination, SizeCap measured)
    {
        List<string> observed = [];
        if (measured.RefusedLength is { } refused)
        {
            string longest = measured.LongestLength is { } passed ? $", and one of {Bytes(passed)} is not" : "";
            observed.Add($"a request with a body of {Bytes(refused)} is refused{By(measured)}{longest}");
        }

        if (measured.StreamCut != StreamCut.None)
            observed.Add($"a stream is cut {(measured.StreamCutAfter is { } after ? $"after {Bytes(after)}" : "at its begin")}{(observed.Count == 0 ? By(measured) : "")}");
        if (observed.Count == 0) return StepOutcome.Of($"a stream of {Bytes(measured.StreamTried)} gets through, and no length is refused");
        string text = string.Join("; ", observed);
        return StepOutcome.Of(text, examination.Find(FindingKind.SizeCap, text, measured.LongestLength ?? measured.StreamCutAfter, measured.Answer));
    }

    private static string By(SizeCap measured) => measured.Answer is { IsRelays: false } answer
        ? string.Create(CultureInfo.InvariantCulture, $" ({answer.Status}{(answer.Server is null ? "" : $" of {Foreign.Line(answer.Server)}")})")
        : "";

    private static string Bytes(long bytes) => Readable.Bytes(bytes);
}
