using System.Globalization;

namespace Ptth.Fuzz.Reference;

/// <summary>What the naive readers make of the bytes that come in answer to a POST.</summary>
/// <param name="IsRead">Whether there is a final head.</param>
/// <param name="Status">Its status.</param>
/// <param name="BodyEnds">Whether the body is there whole.</param>
/// <param name="Body">It, where it is no longer than what is wanted.</param>
/// <param name="IsReusable">Whether the connection may carry another exchange.</param>
internal sealed record NaiveAnswer(bool IsRead, int Status, bool BodyEnds, byte[]? Body, bool IsReusable)
{
    private const int MostInterim = 8;

    private static readonly NaiveAnswer Nothing = new(false, 0, false, null, false);

    /// <summary>Reads interim answers and the final one.</summary>
    public static NaiveAnswer Read(ReadOnlySpan<byte> bytes, int mostBodyBytes)
    {
        for (int interim = 0; interim <= MostInterim; interim++)
        {
            if (!NaiveExchanges.TryTakeHead(ref bytes, out string head) || NaiveHead.ReadResponse(head, "POST") is not { } answer) return Nothing;
            if (answer.Status >= 200) return ReadBody(bytes, answer, mostBodyBytes);
        }

        return Nothing;
    }

    private static NaiveAnswer ReadBody(ReadOnlySpan<byte> bytes, NaiveMessage answer, int mostBodyBytes)
    {
        var body = new List<byte>();
        long length = answer.Framing switch
        {
            NaiveFraming.None => 0,
            NaiveFraming.UntilClose => -1,
            NaiveFraming.Chunked => NaiveChunks.Read(bytes, body),
            _ => long.Parse(answer.Framing["length ".Length..], CultureInfo.InvariantCulture),
        };
        if (length < 0 || length > bytes.Length) return new NaiveAnswer(true, answer.Status, false, null, false);
        if (answer.Framing != NaiveFraming.Chunked) body.AddRange(bytes[..(int)length]);
        byte[]? wanted = body.Count <= mostBodyBytes ? [.. body] : null;
        return new NaiveAnswer(true, answer.Status, true, wanted, answer.IsKept && length == bytes.Length && wanted is not null);
    }
}
