using Ptth.Common.Protocol;
using Ptth.Http.Core;
using Ptth.Proxy.Doctor.Findings;
using Ptth.Proxy.Doctor.Probes;
using Ptth.Proxy.Doctor.Steps;

namespace Ptth.Proxy.Doctor.Judging;

/// <summary>Judges the versions and the framing on both ways.</summary>
internal static class ChunkingJudgement
{
    public static StepOutcome Of(Examination examination, Chunking measured)
    {
        examination.See(null, measured.Request?.Via);
        List<Finding> findings = [.. OfRequest(examination, measured.Request, measured.RequestIsChunked), .. OfAnswer(examination, measured)];
        string text = findings.Count > 0
            ? string.Join("; ", findings.Select(static finding => finding.Observed))
            : "HTTP/1.1 from end to end; chunked bodies come as they were sent, both ways";
        if (measured.Request is { XForwardedFor: { } client } && examination.Seen.Count == 0) text += $"; something has added X-Forwarded-For: {Foreign.Line(client)}";
        return StepOutcome.Of(text, findings);
    }

    private static IEnumerable<Finding> OfRequest(Examination examination, ProbeEcho? request, bool isChunked)
    {
        if (request?.Version == "1.0")
            yield return examination.Find(FindingKind.Http10ToRelay, "a request in HTTP/1.1 came to the relay in HTTP/1.0");
        else if (request is not null && !isChunked)
            yield return examination.Find(FindingKind.RequestsChanged, $"a chunked request came to the relay with Content-Length: {Foreign.Line(request.ContentLength) ?? "none"}");
    }

    private static IEnumerable<Finding> OfAnswer(Examination examination, Chunking measured)
    {
        if (measured.Answer?.Version == ProtocolVersion.Http10)
            yield return examination.Find(FindingKind.Http10Answers, "an answer of the relay's came in HTTP/1.0");
        else if (measured.AnswerEncoding is { } encoding)
            yield return examination.Find(FindingKind.AnswersChanged, $"an answer that was plain came with Content-Encoding: {Foreign.Line(encoding)}");
        else if (measured.AnswerIsChanged)
            yield return examination.Find(FindingKind.AnswersChanged, "an answer came with other bytes than it was sent with");
        else if (!measured.AnswerIsChunked)
            yield return examination.Find(FindingKind.AnswersChanged, "an answer that was chunked came with a length, or ended with its connection");
    }
}
