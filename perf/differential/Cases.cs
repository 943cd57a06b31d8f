using System.Globalization;
using System.Text;
using Ptth.Http.Core;
using Ptth.Tests.Core;

namespace Ptth.Differential;

/// <summary>The cases: the vectors of requests and of chunked bodies that have a verdict with the default bounds.</summary>
internal static class Cases
{
    private static readonly byte[] LastChunk = "0\r\n\r\n"u8.ToArray();
    private static readonly byte[] Probe = "GET /probe HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray();

    /// <summary>All of them.</summary>
    /// <param name="key">A client's key, for the requests whose bodies the relay reads before it answers.</param>
    public static IReadOnlyList<Case> All(string key) =>
    [
        .. Vector.OfKind("request").Where(IsCase).Select(OfRequest),
        .. Vector.OfKind("chunks").Where(IsCase).Select(vector => OfBody(vector, key)),
    ];

    private static bool IsCase(Vector vector) => vector.Limits == HttpLimits.Default && !vector.Result.EndsWith("need more", StringComparison.Ordinal);

    private static Case OfRequest(Vector vector)
    {
        HttpViolation violation = ViolationIn(vector);
        if (violation == HttpViolation.None)
        {
            string framing = vector.Result.Split('\n')[^1];
            byte[] body = framing.Contains("chunked", StringComparison.Ordinal) ? LastChunk : new byte[LengthIn(framing)];
            // Behind a request that says it is the last, another one is an error of its own to some.
            byte[] probe = framing.Contains("closed", StringComparison.Ordinal) ? [] : Probe;
            return new Case(vector.Title, false, [.. vector.Bytes.AsSpan(0, vector.VerdictAt), .. body, .. probe], violation);
        }

        // A vector ends where its verdict has fallen; others are to see a whole head, and a body that ends either way.
        ReadOnlySpan<byte> bytes = vector.Bytes;
        byte[] rest = bytes.EndsWith("\r\n\r\n"u8) ? [] : bytes.EndsWith("\n"u8) ? "Host: a\r\n\r\n"u8.ToArray() : "\r\n\r\n"u8.ToArray();
        return new Case(vector.Title, false, [.. bytes, .. rest, .. LastChunk, .. Probe], violation);
    }

    private static Case OfBody(Vector vector, string key) => new(vector.Title, true,
        [
            .. "POST /v1/connect/home/ssh HTTP/1.1\r\nHost: a\r\nPrefer: wait=1\r\nAuthorization: Bearer "u8,
            .. Encoding.ASCII.GetBytes(key),
            .. "\r\nTransfer-Encoding: chunked\r\n\r\n"u8,
            .. vector.Result.Contains("invalid", StringComparison.Ordinal) ? vector.Bytes : vector.Bytes.AsSpan(0, vector.VerdictAt),
            .. Probe,
        ],
        ViolationIn(vector));

    private static HttpViolation ViolationIn(Vector vector)
    {
        string last = vector.Result.Split('\n')[^1];
        return last.StartsWith("invalid ", StringComparison.Ordinal) ? Enum.Parse<HttpViolation>(last.Split(' ')[2]) : HttpViolation.None;
    }

    // A length that no test could send has no body; then all wait for it.
    private static int LengthIn(string framing)
    {
        string length = framing.Split(", ").FirstOrDefault(static part => part.StartsWith("length ", StringComparison.Ordinal)) ?? "length 0";
        return long.Parse(length.AsSpan("length ".Length), CultureInfo.InvariantCulture) is var bytes and <= 1000 ? (int)bytes : 0;
    }
}
