using System.Text;
using Ptth.Fuzz.Reference;
using Ptth.Http.Core;

namespace Ptth.Fuzz.Targets;

/// <summary>
/// The decision how a body ends. The input is not text but a row of the pieces that such decisions hang on, so that nearly every input
/// is a head; request and response are judged, and compared with the reference.
/// </summary>
internal sealed class FramingTarget : IFuzzTarget
{
    private static readonly string[] Starts = ["POST / HTTP/1.1", "POST / HTTP/1.0", "GET / HTTP/1.1", "HEAD / HTTP/1.1"];
    private static readonly string[] Statuses =
        ["HTTP/1.1 200 OK", "HTTP/1.0 200 OK", "HTTP/1.1 100 Continue", "HTTP/1.1 204 No Content", "HTTP/1.1 304 Not Modified", "HTTP/1.1 400 Bad Request"];

    private static readonly string[] Pieces =
    [
        "\r\n", "\r\nContent-Length:", "\r\nTransfer-Encoding:", "\r\nConnection:", "\r\nHost:", "\r\ncontent-length: ", "\r\nTRANSFER-ENCODING: ",
        "\r\nContent_Length: ", "\r\nTransfer_Encoding: ", "\r\nContent-Length : ", "\r\n Transfer-Encoding: ", "\r\nExpect: ", "\r\nX: ",
        "chunked", "CHUNKED", "identity", "gzip", "xchunked", "chunked;q=1", "close", "keep-alive", "100-continue",
        "0", "00", "1", "5", "9", "10", "0x5", "+5", "-0", "5.0", "9223372036854775807", "9223372036854775808", "18446744073709551621",
        " ", "\t", ",", ", ", ";", "=", "\"", ":", "a", "\n", "\r", "\0", "\x0b", "\x85", "\xa0", "\x7f",
    ];

    /// <inheritdoc/>
    public string Name => "framing";

    /// <inheritdoc/>
    public string Dictionary => "framing.dict";

    /// <inheritdoc/>
    public int MaxBytes => 48;

    /// <inheritdoc/>
    public void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty) return;
        var text = new StringBuilder("\r\nHost: a");
        foreach (byte piece in input[1..]) text.Append(Pieces[piece % Pieces.Length]);
        string fields = text.ToString();
        int end = fields.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end >= 0) fields = fields[..end];
        if (fields.EndsWith("\r\n", StringComparison.Ordinal)) fields = fields[..^2];
        CheckRequest(Starts[input[0] % Starts.Length] + fields);
        string method = (input[0] & 0x80) == 0 ? "GET" : "HEAD";
        CheckResponse(Statuses[input[0] % Statuses.Length] + fields, method);
    }

    private static void CheckRequest(string head)
    {
        HeadScan scan = default;
        RequestHead.TryRead(Encoding.Latin1.GetBytes(head + "\r\n\r\n"), HttpLimits.Default, ref scan, out RequestHead? read, out _, out HttpViolation violation);
        NaiveMessage? product = read is null ? null : new NaiveMessage(HeadOf.NameOf(read.Framing), read.KeepAlive, read.ExpectsContinue, 0);
        Compare(head, product, NaiveHead.ReadRequest(head), violation);
    }

    private static void CheckResponse(string head, string method)
    {
        HeadScan scan = default;
        ResponseHead.TryRead(Encoding.Latin1.GetBytes(head + "\r\n\r\n"), HttpLimits.Default, method, ref scan, out ResponseHead? read, out _, out HttpViolation violation);
        NaiveMessage? product = read is null ? null : new NaiveMessage(HeadOf.NameOf(read.Framing), read.KeepAlive, false, read.Status);
        Compare(head, product, NaiveHead.ReadResponse(head, method), violation);
    }

    private static void Compare(string head, NaiveMessage? product, NaiveMessage? reference, HttpViolation violation)
    {
        if (product != reference)
            throw new Finding($"two verdicts: {(object?)product ?? violation} and {(object?)reference ?? "refused"} on {Uri.EscapeDataString(head)}");
    }
}
