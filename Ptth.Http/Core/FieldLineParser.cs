using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Ptth.Http.Core;

/// <summary>
/// The field section's reader: field-line = field-name ":" OWS field-value OWS (RFC 9112 section 5), each with CRLF, then an
/// empty line. White space before the colon and folded lines are refused (sections 5.1 and 5.2).
/// </summary>
internal static class FieldLineParser
{
    /// <summary>Reads field lines from where <paramref name="scan"/> stands to the end of the head.</summary>
    /// <param name="input">The head so far, cut off at the bound.</param>
    /// <param name="limits">The bounds.</param>
    /// <param name="scan">Where to begin; moved on where more is needed.</param>
    /// <param name="handler">Is told each line.</param>
    /// <param name="consumed">Where the head ends, where done.</param>
    /// <param name="violation">What was wrong where invalid.</param>
    public static ParseStatus ReadFields<THandler>(ReadOnlySpan<byte> input, HttpLimits limits, ref HeadScan scan,
        ref THandler handler, out int consumed, out HttpViolation violation)
        where THandler : struct, IHeadHandler, allows ref struct
    {
        consumed = 0;
        int lineStart = scan.LineStart;
        int fields = scan.Fields;
        int colon = scan.Colon;
        int from = Math.Max(lineStart, scan.Checked);

        while (lineStart < input.Length)
        {
            if (input[lineStart] == HttpBytes.CarriageReturn)
                return ReadEmptyLine(input, lineStart, fields, ref scan, out consumed, out violation);

            // The line's end is looked for from its start, not from its colon, so that the processor works on both at once.
            // A name has no control byte, so the first one is the same.
            int textEnd = ByteScan.TextEnd(input, from);
            if (fields == limits.MaxFields)
                return Invalid(HttpViolation.TooManyFields, out violation);

            if (colon == 0)
            {
                int nameEnd = HttpBytes.TokenEnd(input, from);
                if (nameEnd == input.Length)
                {
                    from = nameEnd;
                    break;
                }

                if (nameEnd == lineStart || input[nameEnd] != (byte)':')
                    return Invalid(WrongName(input[nameEnd], nameEnd == lineStart, fields == 0), out violation);
                colon = nameEnd;
            }

            if (input.Length - textEnd < 2 || BinaryPrimitives.ReadUInt16LittleEndian(input[textEnd..]) != HttpBytes.CrLf)
            {
                from = textEnd;
                if (textEnd == input.Length || (textEnd + 1 == input.Length && input[textEnd] == HttpBytes.CarriageReturn))
                    break;
                return Invalid(WrongText(input[textEnd]), out violation);
            }

            handler.OnField(input[lineStart..colon], Value(input, colon + 1, textEnd));
            lineStart = textEnd + 2;
            from = lineStart;
            fields++;
            colon = 0;
        }

        scan.LineStart = lineStart;
        scan.Fields = fields;
        scan.Checked = from;
        scan.Colon = colon;
        violation = HttpViolation.None;
        return ParseStatus.NeedMore;
    }

    /// <summary>The value between colon and line end, without the white space around it; mostly that is one space before it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ReadOnlySpan<byte> Value(ReadOnlySpan<byte> input, int start, int end)
    {
        if (input[start] == HttpBytes.Space)
            start++;
        ReadOnlySpan<byte> value = input[start..end];
        return HttpBytes.IsWhiteSpace(input[start]) || HttpBytes.IsWhiteSpace(input[end - 1]) ? HttpBytes.TrimWhiteSpace(value) : value;
    }

    /// <summary>Reads the empty line that ends the head, of which the CR is there.</summary>
    private static ParseStatus ReadEmptyLine(ReadOnlySpan<byte> input, int lineStart, int fields, ref HeadScan scan,
        out int consumed, out HttpViolation violation)
    {
        consumed = 0;
        violation = HttpViolation.None;
        if (lineStart + 1 == input.Length)
        {
            scan.LineStart = lineStart;
            scan.Fields = fields;
            scan.Checked = lineStart;
            scan.Colon = 0;
            return ParseStatus.NeedMore;
        }

        if (input[lineStart + 1] != HttpBytes.LineFeed)
            return Invalid(HttpViolation.BareCarriageReturn, out violation);
        consumed = lineStart + 2;
        return ParseStatus.Done;
    }

    /// <summary>What is wrong with a name that ends with <paramref name="wrong"/> instead of a colon, or at once.</summary>
    internal static HttpViolation WrongName(byte wrong, bool atLineStart, bool firstLine) => wrong switch
    {
        HttpBytes.LineFeed => HttpViolation.BareLineFeed,
        HttpBytes.Space or HttpBytes.Tab when atLineStart
            => firstLine ? HttpViolation.LeadingWhiteSpace : HttpViolation.ObsoleteLineFolding,
        HttpBytes.Space or HttpBytes.Tab => HttpViolation.WhiteSpaceInFieldName,
        HttpBytes.CarriageReturn => HttpViolation.MissingColon,
        (byte)':' => HttpViolation.EmptyFieldName,
        _ => HttpViolation.InvalidFieldName,
    };

    /// <summary>What is wrong with a value that ends with this control byte instead of CRLF.</summary>
    internal static HttpViolation WrongText(byte wrong) => wrong switch
    {
        HttpBytes.LineFeed => HttpViolation.BareLineFeed,
        HttpBytes.CarriageReturn => HttpViolation.BareCarriageReturn,
        _ => HttpViolation.InvalidFieldValue,
    };

    private static ParseStatus Invalid(HttpViolation reason, out HttpViolation violation)
    {
        violation = reason;
        return ParseStatus.Invalid;
    }
}
