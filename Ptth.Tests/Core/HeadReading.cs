using System.Globalization;
using System.Text;
using Ptth.Http.Core;

namespace Ptth.Tests.Core;

/// <summary>One head being read, with its result in the vectors' words.</summary>
internal sealed class HeadReading(string kind, string requestMethod, HttpLimits limits)
{
    public const string NeedMore = "need more";

    private HeadScan _scan;

    public HeadReading(Vector vector)
        : this(vector.Kind, vector.Argument, vector.Limits)
    {
    }

    public HeadScan Scan => _scan;

    /// <summary>Shows all bytes so far.</summary>
    public string Read(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        ParseStatus status;
        HttpViolation violation;
        int consumed;
        if (kind == "request")
        {
            status = RequestHead.TryRead(bytes, limits, ref _scan, out RequestHead? head, out consumed, out violation);
            if (head != null)
                Write(text, head);
        }
        else
        {
            status = ResponseHead.TryRead(bytes, limits, requestMethod, ref _scan, out ResponseHead? head, out consumed, out violation);
            if (head != null)
                Write(text, head);
        }

        return status switch
        {
            ParseStatus.Done => string.Create(CultureInfo.InvariantCulture, $"{text}\nhead ends at {consumed}"),
            ParseStatus.Invalid => string.Create(CultureInfo.InvariantCulture, $"invalid {HttpViolations.StatusOf(violation)} {violation}"),
            _ => NeedMore,
        };
    }

    private static void Write(StringBuilder text, RequestHead head)
    {
        text.Append(CultureInfo.InvariantCulture, $"done\n{head.Method} {head.Target} {NameOf(head.Version)}\n");
        Write(text, head.Fields);
        text.Append(CultureInfo.InvariantCulture, $"path {head.Path}, {NameOf(head.Framing)}, {(head.KeepAlive ? "kept" : "closed")}");
        text.Append(head.ExpectsContinue ? ", awaits 100" : "");
    }

    private static void Write(StringBuilder text, ResponseHead head)
    {
        text.Append(CultureInfo.InvariantCulture, $"done\n{NameOf(head.Version)} {head.Status}\n");
        Write(text, head.Fields);
        text.Append(CultureInfo.InvariantCulture, $"{NameOf(head.Framing)}, {(head.KeepAlive ? "kept" : "closed")}");
        text.Append(head.IsInterim ? ", interim" : "");
    }

    private static void Write(StringBuilder text, FieldList fields)
    {
        for (int i = 0; i < fields.Count; i++)
        {
            string value = EscapedBytes.Write(fields.ValueAt(i));
            text.Append(CultureInfo.InvariantCulture, $"{EscapedBytes.Write(fields.NameAt(i))}:{(value.Length > 0 ? " " : "")}{value}\n");
        }
    }

    private static string NameOf(ProtocolVersion version) => version == ProtocolVersion.Http11 ? "HTTP/1.1" : "HTTP/1.0";

    private static string NameOf(BodyFraming framing) => framing.Kind switch
    {
        BodyKind.None => "no body",
        BodyKind.Length => string.Create(CultureInfo.InvariantCulture, $"length {framing.Length}"),
        BodyKind.Chunked => "chunked",
        _ => "until close",
    };
}
