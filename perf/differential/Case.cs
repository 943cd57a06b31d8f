using Ptth.Http.Core;
using Ptth.Tests.Core;

namespace Ptth.Differential;

/// <summary>Bytes that one or another may read differently.</summary>
/// <param name="Title">The vector's.</param>
/// <param name="IsBody">Whether the vector is a chunked body, which a plain head was put before.</param>
/// <param name="Bytes">What is sent: the request, and where its end could be told another one behind it.</param>
/// <param name="Violation">Why the product refuses it; none where it takes it.</param>
internal sealed record Case(string Title, bool IsBody, byte[] Bytes, HttpViolation Violation);

/// <summary>The cases: the vectors of requests and of chunked bodies that have a verdict with the default bounds.</summary>
internal static class Cases
{
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
        bool isWhole = vector.Bytes.AsSpan().EndsWith("\r\n\r\n"u8);
        // A body that fits the head, where it has one; else one that ends either way, for those that find a head in it.
        byte[] body = vector.Result.Contains("chunked", StringComparison.Ordinal) ? "0\r\n\r\n"u8.ToArray()
            : violation == HttpViolation.None ? new byte[LengthIn(vector.Result)]
            : isWhole ? "0\r\n\r\n"u8.ToArray()
            : [];
        return new Case(vector.Title, false, [.. vector.Bytes, .. body, .. violation == HttpViolation.None || isWhole ? Probe : []], violation);
    }

    private static Case OfBody(Vector vector, string key) => new(vector.Title, true,
        [
            .. "POST /v1/connect/home/ssh HTTP/1.1\r\nHost: a\r\nPrefer: wait=1\r\nAuthorization: Bearer "u8,
            .. System.Text.Encoding.ASCII.GetBytes(key),
            .. "\r\nTransfer-Encoding: chunked\r\n\r\n"u8,
            .. vector.Bytes,
            .. Probe,
        ],
        ViolationIn(vector));

    private static HttpViolation ViolationIn(Vector vector)
    {
        string last = vector.Result.Split('\n')[^1];
        return last.StartsWith("invalid ", StringComparison.Ordinal) ? Enum.Parse<HttpViolation>(last.Split(' ')[2]) : HttpViolation.None;
    }

    // Vectors with a length that no test could send have no body; then all wait for it.
    private static int LengthIn(string result)
    {
        string framing = result.Split('\n')[^1].Split(", ").FirstOrDefault(static part => part.StartsWith("length ", StringComparison.Ordinal)) ?? "length 0";
        return long.Parse(framing.AsSpan("length ".Length), System.Globalization.CultureInfo.InvariantCulture) is var length and <= 1000 ? (int)length : 0;
    }
}
