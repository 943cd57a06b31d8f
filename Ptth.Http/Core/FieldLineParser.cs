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
        int checkedTo = scan.Checked;
        int colon = scan.Colon;

        while (lineStart < input.Length)
        {
            if (input[lineStart] == HttpBytes.CarriageReturn)
            {
                if (lineStart + 1 == input.Length)
                    break;
                if (input[lineStart + 1] != HttpBytes.LineFeed)
                    return Invalid(HttpViolation.BareCarriageReturn, out violation);
                consumed = lineStart + 2;
                violation = HttpViolation.None;
                return ParseStatus.Done;
            }

            if (fields == limits.MaxFields)
                return Invalid(HttpViolation.TooManyFields, out violation);

            if (colon == 0)
            {
                int nameEnd = HttpBytes.TokenEnd(input, Math.Max(lineStart, checkedTo));
                if (nameEnd == input.Length)
                {
                    checkedTo = nameEnd;
                    break;
                }

                if (nameEnd == lineStart || input[nameEnd] != (byte)':')
                    return Invalid(WrongName(input[nameEnd], nameEnd == lineStart, fields == 0), out violation);
                colon = nameEnd;
            }

            int textEnd = HttpBytes.TextEnd(input, Math.Max(colon + 1, checkedTo));
            if (textEnd + 1 >= input.Length)
            {
                checkedTo = textEnd;
                if (textEnd == input.Length || input[textEnd] == HttpBytes.CarriageReturn)
                    break;
            }

            if (input[textEnd] != HttpBytes.CarriageReturn)
                return Invalid(WrongText(input[textEnd]), out violation);
            if (input[textEnd + 1] != HttpBytes.LineFeed)
                return Invalid(HttpViolation.BareCarriageReturn, out violation);

            handler.OnField(input[lineStart..colon], HttpBytes.TrimWhiteSpace(input[(colon + 1)..textEnd]));
            lineStart = textEnd + 2;
            fields++;
            checkedTo = 0;
            colon = 0;
        }

        scan.LineStart = lineStart;
        scan.Fields = fields;
        scan.Checked = checkedTo;
        scan.Colon = colon;
        violation = HttpViolation.None;
        return ParseStatus.NeedMore;
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

    /// <summary>What is wrong with a value that has a control byte other than CR.</summary>
    internal static HttpViolation WrongText(byte wrong)
        => wrong == HttpBytes.LineFeed ? HttpViolation.BareLineFeed : HttpViolation.InvalidFieldValue;

    private static ParseStatus Invalid(HttpViolation reason, out HttpViolation violation)
    {
        violation = reason;
        return ParseStatus.Invalid;
    }
}
