using System.Globalization;
using System.Text;
using Ptth.Http.Core;

namespace Ptth.Fuzz.Targets;

/// <summary>What was made of a head, as something to compare.</summary>
/// <param name="Status">The parser's word.</param>
/// <param name="Violation">What was wrong.</param>
/// <param name="Consumed">How long the head is.</param>
/// <param name="Text">All that the head says.</param>
internal readonly record struct HeadOf(ParseStatus Status, HttpViolation Violation, int Consumed, string Text)
{
    /// <summary>Reads what has come of a head.</summary>
    public delegate HeadOf Reader(ReadOnlySpan<byte> input, ref HeadScan scan);

    /// <summary>A framing in the words of the reference.</summary>
    public static string NameOf(BodyFraming framing) => framing.Kind switch
    {
        BodyKind.None => Reference.NaiveFraming.None,
        BodyKind.Length => string.Create(CultureInfo.InvariantCulture, $"length {framing.Length}"),
        BodyKind.Chunked => Reference.NaiveFraming.Chunked,
        _ => Reference.NaiveFraming.UntilClose,
    };

    /// <summary>All fields in one text.</summary>
    public static string TextOf(FieldList fields)
    {
        var text = new StringBuilder();
        for (int i = 0; i < fields.Count; i++)
            text.Append(Encoding.Latin1.GetString(fields.NameAt(i))).Append(':').Append(Encoding.Latin1.GetString(fields.ValueAt(i))).Append('\n');
        return text.ToString();
    }

    /// <summary>Reads <paramref name="input"/> whole, in pieces, and with other bytes behind it: the verdict must be one.</summary>
    /// <exception cref="Finding">It is not.</exception>
    public static HeadOf Read(ReadOnlySpan<byte> input, Reader read)
    {
        HeadScan scan = default;
        HeadOf whole = read(input, ref scan);
        var splits = new Splits(input);
        InPieces(input, whole, read, byteByByte: false, ref splits);
        if (splits.Below(4) == 0) InPieces(input, whole, read, byteByByte: true, ref splits);
        if (whole.Status == ParseStatus.NeedMore) return whole;

        byte[] longer = [.. input, .. "\r\nGET /smuggled HTTP/1.1\r\n\r\n"u8];
        scan = default;
        HeadOf more = read(longer, ref scan);
        return more == whole ? whole : throw new Finding($"bytes behind it change the verdict: {whole} and {more}");
    }

    private static void InPieces(ReadOnlySpan<byte> input, in HeadOf whole, Reader read, bool byteByByte, ref Splits splits)
    {
        HeadScan scan = default;
        HeadOf last = new(ParseStatus.NeedMore, HttpViolation.None, 0, "");
        for (int shown = 0; shown < input.Length && last.Status == ParseStatus.NeedMore;)
        {
            shown += byteByByte ? 1 : splits.NextPiece(input.Length - shown);
            last = read(input[..shown], ref scan);
        }

        if (last != whole) throw new Finding($"the verdict depends on the splits: {whole} and {last}");
    }
}
