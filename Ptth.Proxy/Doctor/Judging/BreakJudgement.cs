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

        return StepOutcome.Of(measured.Up switch
        {
            StreamCut.Broken => "an answer and a request's body that break off are broken at the other side",
            StreamCut.Silent => "an answer that breaks off is broken here; of a request's body the relay did not learn it in time",
            _ => "an answer that breaks off is broken here; for request bodies it could not be measured",
        });
    }
}
