using Ptth.Proxy.Doctor.Findings;
using Ptth.Proxy.Doctor.Steps;
using Ptth.Proxy.Probes;

namespace Ptth.Proxy.Doctor.Judging;

/// <summary>Judges whether a break is told from an end.</summary>
internal static class BreakJudgement
{
    public static StepOutcome Of(Examination examination, BreakPassing measured)
    {
        List<string> observed = [];
        if (measured.Down == StreamCut.Ended) observed.Add("an answer that the relay broke off came as a whole one");
        if (measured.Up == StreamCut.Ended) observed.Add("a request's body that was broken off came to the relay as a whole one");
        if (observed.Count > 0)
        {
            string text = string.Join("; ", observed);
            return StepOutcome.Of(text, examination.Find(FindingKind.BreakAsEnd, text));
        }

        return StepOutcome.Of($"{Line("an answer", "here", measured.Down)}; {Line("a request's body", "at the relay", measured.Up)}");
    }

    private static string Line(string what, string where, StreamCut cut) => cut switch
    {
        StreamCut.Broken => $"{what} that breaks off is broken {where}",
        StreamCut.Silent => $"that {what} breaks off is not told {where} in time",
        _ => $"for {what} it could not be measured",
    };
}
