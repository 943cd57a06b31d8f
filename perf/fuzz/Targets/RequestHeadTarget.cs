using System.Text;
using Ptth.Fuzz.Reference;
using Ptth.Http.Core;

namespace Ptth.Fuzz.Targets;

/// <summary>
/// Heads of requests. The verdict does not depend on splits or on what follows; it is the reference's; and what is taken says the same
/// after it was written anew.
/// </summary>
internal sealed class RequestHeadTarget : IFuzzTarget
{
    /// <summary>Bounds that short inputs reach.</summary>
    private static readonly HttpLimits Narrow = new() { MaxHeadBytes = 96, MaxStartLineBytes = 40, MaxMethodBytes = 8, MaxFields = 3 };

    private RequestHead? _head;
    private HttpLimits _limits = HttpLimits.Default;

    /// <inheritdoc/>
    public string Name => "request-head";

    /// <inheritdoc/>
    public string Dictionary => "http.dict";

    /// <inheritdoc/>
    public int MaxBytes => 2048;

    /// <inheritdoc/>
    public void Run(ReadOnlySpan<byte> input)
    {
        _limits = Narrow;
        HeadOf.Read(input, Read);
        _limits = HttpLimits.Default;
        HeadOf verdict = HeadOf.Read(input, Read);
        if (verdict.Status == ParseStatus.Done) CheckAccepted(input, verdict);
        else if (verdict.Status == ParseStatus.Invalid) CheckRefused(input, verdict);
    }

    private HeadOf Read(ReadOnlySpan<byte> input, ref HeadScan scan)
    {
        ParseStatus status = RequestHead.TryRead(input, _limits, ref scan, out RequestHead? head, out int consumed, out HttpViolation violation);
        if (head is null) return new HeadOf(status, violation, consumed, "");
        _head = head;
        return new HeadOf(status, violation, consumed, TextOf(head, head.Version));
    }

    private static string TextOf(RequestHead head, ProtocolVersion version) =>
        $"{head.Method} {head.Target} {head.Path} {version} {HeadOf.NameOf(head.Framing)} {head.ExpectsContinue}\n{HeadOf.TextOf(head.Fields)}";

    private void CheckAccepted(ReadOnlySpan<byte> input, in HeadOf verdict)
    {
        RequestHead head = _head!;
        ReadOnlySpan<byte> bytes = input[..verdict.Consumed];
        if (bytes.StartsWith("\r\n"u8)) bytes = bytes[2..];
        NaiveMessage reference = NaiveHead.ReadRequest(Encoding.Latin1.GetString(bytes[..^4]))
            ?? throw new Finding($"taken, and refused by the reference: {verdict}");
        if (reference != new NaiveMessage(HeadOf.NameOf(head.Framing), head.KeepAlive, head.ExpectsContinue, 0))
            throw new Finding($"the reference reads {reference}: {verdict}");

        byte[] room = new byte[2 * MaxBytes];
        var writer = new HeadWriter(room);
        writer.RequestLine(head.Method, head.Target);
        for (int i = 0; i < head.Fields.Count; i++) writer.Field(head.Fields.NameAt(i), head.Fields.ValueAt(i));
        writer.End();
        HeadScan scan = default;
        RequestHead.TryRead(room.AsSpan(0, writer.Length), HttpLimits.Default, ref scan, out RequestHead? again, out int consumed, out HttpViolation violation);
        // It is written as HTTP/1.1, which asks for more than HTTP/1.0 and waits for more.
        if (head.Version == ProtocolVersion.Http10) return;
        if (again is null || consumed != writer.Length || TextOf(again, again.Version) != verdict.Text)
            throw new Finding($"written anew it is another: {verdict} and {violation} {(again is null ? "" : TextOf(again, again.Version))}");
    }

    private static void CheckRefused(ReadOnlySpan<byte> input, in HeadOf verdict)
    {
        ReadOnlySpan<byte> bytes = input.StartsWith("\r\n"u8) ? input[2..] : input;
        int end = bytes.IndexOf("\r\n\r\n"u8);
        if (end >= 0 && NaiveHead.ReadRequest(Encoding.Latin1.GetString(bytes[..end])) is { } reference)
            throw new Finding($"refused, and the reference reads {reference}: {verdict}");
    }
}
