using Ptth.Http.Core;
using Ptth.Proxy.Doctor.Findings;
using Ptth.Proxy.Doctor.Steps;
using Ptth.Proxy.Probes;

namespace Ptth.Proxy.Doctor.Judging;

/// <summary>Judges the versions and the framing on both ways.</summary>
internal static class ChunkingJudgement
{
    public static StepOutcome Of(Examination examination, Chunking measured)
    {
        examination.See(null, measured.Request?.Via);
        List<Finding> findings = [.. FindingsOf(examination, measured)];
        string text = findings.Count > 0
            ? string.Join("; ", findings.Select(static finding => finding.Observed))
            : "HTTP/1.1 from end to end; bodies come as they were sent";
        if (measured.Request is { XForwardedFor: { } client } && examination.Seen.Count == 0) text += $"; something has added X-Forwarded-For: {Foreign.Line(client)}";
        return StepOutcome.Of(text, findings);
    }

    private static IEnumerable<Finding> FindingsOf(Examination examination, Chunking measured)
    {
        if (measured.Request?.Version == "1.0")
            yield return examination.Find(FindingKind.Http10ToRelay, "a request in HTTP/1.1 came to the relay in HTTP/1.0");
        if (measured.Answer?.Version == ProtocolVersion.Http10)
            yield return examination.Find(FindingKind.Http10Answers, "an answer of the relay's came in HTTP/1.0");
        else if (measured.AnswerEndsWithConnection)
            yield return examination.Find(FindingKind.Http10Answers, "the end of an answer that was chunked is told by that of its connection alone");
        else if (measured.AnswerEncoding is { } encoding)
            yield return examination.Find(FindingKind.AnswersChanged, $"an answer that was plain came with Content-Encoding: {Foreign.Line(encoding)}");
        else if (measured.AnswerIsChanged)
            yield return examination.Find(FindingKind.AnswersChanged, "an answer came with other bytes than it was sent with");
    }
}
