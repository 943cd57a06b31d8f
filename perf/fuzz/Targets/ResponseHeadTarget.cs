using System.Text;
using Ptth.Fuzz.Reference;
using Ptth.Http.Core;

namespace Ptth.Fuzz.Targets;

/// <summary>Heads of responses, in answer to a method that follows from the input. What must hold is what holds for requests.</summary>
internal sealed class ResponseHeadTarget : IFuzzTarget
{
    private static readonly string[] Methods = ["GET", "POST", "HEAD", "CONNECT"];

    private string _method = "";
    private ResponseHead? _head;

    /// <inheritdoc/>
    public string Name => "response-head";

    /// <inheritdoc/>
    public string Dictionary => "http.dict";

    /// <inheritdoc/>
    public int MaxBytes => 2048;

    /// <inheritdoc/>
    public void Run(ReadOnlySpan<byte> input)
    {
        _method = Methods[new Splits(input).Below(Methods.Length)];
        HeadOf verdict = HeadOf.Read(input, Read);
        int end = verdict.Status == ParseStatus.Done ? verdict.Consumed - 4 : input.IndexOf("\r\n\r\n"u8);
        if (verdict.Status == ParseStatus.NeedMore || end < 0) return;
        NaiveMessage? reference = NaiveHead.ReadResponse(Encoding.Latin1.GetString(input[..end]), _method);
        NaiveMessage? read = verdict.Status == ParseStatus.Done ? new NaiveMessage(HeadOf.NameOf(_head!.Framing), _head.KeepAlive, false, _head.Status) : null;
        if (read != reference) throw new Finding($"the reference reads {(object?)reference ?? "nothing"}: {verdict}");
    }

    private HeadOf Read(ReadOnlySpan<byte> input, ref HeadScan scan)
    {
        ParseStatus status = ResponseHead.TryRead(input, HttpLimits.Default, _method, ref scan, out ResponseHead? head, out int consumed, out HttpViolation violation);
        if (head is null) return new HeadOf(status, violation, consumed, "");
        _head = head;
        return new HeadOf(status, violation, consumed,
            $"{head.Status} {head.Version} {HeadOf.NameOf(head.Framing)} {head.KeepAlive}\n{HeadOf.TextOf(head.Fields)}");
    }
}
