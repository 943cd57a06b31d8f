using System.Globalization;
using System.Text;

namespace Ptth.Fuzz.Reference;

/// <summary>A connection's messages, one behind the other, as the naive readers of heads and bodies find them.</summary>
internal static class NaiveExchanges
{
    private const string HeadEnd = "\r\n\r\n";

    /// <summary>Method and target of each request whose head is there whole, up to the first that is refused or says that it is the last.</summary>
    public static List<string> Requests(ReadOnlySpan<byte> bytes)
    {
        var requests = new List<string>();
        while (true)
        {
            if (bytes.StartsWith("\r\n"u8)) bytes = bytes[2..];
            if (!TryTakeHead(ref bytes, out string head) || NaiveHead.ReadRequest(head) is not { } request) return requests;
            requests.Add(head[..head.LastIndexOf(' ', head.IndexOf("\r\n", StringComparison.Ordinal) is var end and >= 0 ? end : head.Length - 1)]);
            if (!TryTakeBody(ref bytes, request.Framing, []) || !request.IsKept) return requests;
            // Who is refused while he waits for 100 may send his body after all, or not: nobody knows what follows.
            if (request.AwaitsContinue && IsUnread(requests[^1])) return requests;
        }
    }

    /// <summary>Reads the answers to these requests; behind them there may be one more, and then no byte.</summary>
    /// <returns>The answers in words, however their bodies were framed.</returns>
    public static List<string> Answers(ReadOnlySpan<byte> bytes, IReadOnlyList<string> requests)
    {
        var answers = new List<string>();
        bool last = false;
        while (!bytes.IsEmpty)
        {
            if (last) throw new Finding("bytes follow an answer that says close");
            string method = answers.Count < requests.Count ? requests[answers.Count].Split(' ')[0] : "GET";
            if (!TryTakeHead(ref bytes, out string head)) throw new Finding("an answer has no end");
            NaiveMessage answer = NaiveHead.ReadResponse(head, method) ?? throw new Finding($"an answer that a client would refuse: {head}");
            if (answer.Status < 200) continue;
            last = !answer.IsKept;
            var body = new List<byte>();
            bool ends = TryTakeBody(ref bytes, answer.Framing, body);
            // A stream that was broken off has no end, and nothing behind it. How much of it came is a matter of time.
            answers.Add(head + (ends ? HeadEnd + Encoding.Latin1.GetString([.. body]) : " breaks off"));
            if (ends) continue;
            if (answer.Framing != NaiveFraming.Chunked) throw new Finding("an answer's body has no end");
            break;
        }

        return answers.Count <= requests.Count + 1 ? answers : throw new Finding($"{answers.Count} answers to {requests.Count} requests");
    }

    /// <summary>Takes a head off the front, without its empty line.</summary>
    public static bool TryTakeHead(ref ReadOnlySpan<byte> bytes, out string head)
    {
        string text = Encoding.Latin1.GetString(bytes);
        int end = text.IndexOf(HeadEnd, StringComparison.Ordinal);
        head = end < 0 ? "" : text[..end];
        if (end >= 0) bytes = bytes[(end + HeadEnd.Length)..];
        return end >= 0;
    }

    /// <summary>Takes a body off the front; false where it is not all there, or not well-formed.</summary>
    private static bool TryTakeBody(ref ReadOnlySpan<byte> bytes, string framing, List<byte> body)
    {
        if (framing == NaiveFraming.None) return true;
        if (framing == NaiveFraming.UntilClose) return false;
        long length = framing == NaiveFraming.Chunked ? NaiveChunks.Read(bytes, body) : long.Parse(framing["length ".Length..], CultureInfo.InvariantCulture);
        if (length < 0 || length > bytes.Length) return false;
        if (framing != NaiveFraming.Chunked) body.AddRange(bytes[..(int)length]);
        bytes = bytes[(int)length..];
        return true;
    }

    private static bool IsUnread(string request) =>
        request.Contains(" /drop", StringComparison.Ordinal) || request.Contains(" /watch", StringComparison.Ordinal);
}
