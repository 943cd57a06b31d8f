using Ptth.Proxy.Doctor.Findings;
using Ptth.Proxy.Doctor.Steps;
using Ptth.Proxy.Probes;

namespace Ptth.Proxy.Doctor.Judging;

/// <summary>Judges what is held back.</summary>
internal static class BufferingJudgement
{
    public static StepOutcome OfRequests(Examination examination, RequestBuffering measured) => measured.IsHeld
        ? Found(examination, FindingKind.RequestBuffering, "the relay saw nothing of a request while its body was open")
        : StepOutcome.Of("the first bytes of a request reach the relay while its body is open");

    public static StepOutcome OfResponses(Examination examination, ResponseBuffering measured) => measured switch
    {
        { IsHeld: true } => Found(examination, FindingKind.ResponseBuffering, "the first bytes of an answer did not come before the rest of it"),
        // The field is nginx's. Others hold back what of a chunk is there before the rest of it, as this is sent, and the relay's streams are not.
        { IsHeldUnasked: true } when examination.MayBe(IntermediaryKind.Nginx) => Found(examination, FindingKind.ResponseBufferingUnasked, "an answer is held back, unless it says \"X-Accel-Buffering: no\""),
        _ => StepOutcome.Of("the first bytes of an answer come before the rest of it"),
    };

    private static StepOutcome Found(Examination examination, FindingKind kind, string observed) => StepOutcome.Of(observed, examination.Find(kind, observed));
}
