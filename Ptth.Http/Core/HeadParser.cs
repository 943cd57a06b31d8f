namespace Ptth.Http.Core;

/// <summary>
/// The head parser: start line and field lines (RFC 9112 sections 2 to 5), strict, in one span.
/// </summary>
/// <remarks>
/// <para>
/// Bytes are judged from left to right, and the first one that cannot be right decides. So the verdict depends neither on how
/// the bytes were split over calls nor on what lies behind the head, and a wrong byte is found when it comes, not at the head's end.
/// </para>
/// <para>
/// The handler is told parts as they are found. They count only once the status is <see cref="ParseStatus.Done"/>: a call that
/// asks for more may have told some of them, and the call that ends the head tells all of them from the start line on.
/// A head that comes in many pieces is checked piece by piece without telling, and told once when it is whole.
/// </para>
/// </remarks>
public static class HeadParser
{
    /// <summary>Reads a request's head. The verdict does not depend on how the bytes were split.</summary>
    /// <param name="input">All bytes of the message so far; the same start with more behind it at each call.</param>
    /// <param name="limits">The bounds.</param>
    /// <param name="scan">How far earlier calls came; <c>default</c> for a new head.</param>
    /// <param name="handler">Is told the parts.</param>
    /// <param name="consumed">The head's length in bytes, with empty lines before it, where done.</param>
    /// <param name="violation">What was wrong where the status is <see cref="ParseStatus.Invalid"/>.</param>
    public static ParseStatus ParseRequest<THandler>(ReadOnlySpan<byte> input, HttpLimits limits, ref HeadScan scan,
        ref THandler handler, out int consumed, out HttpViolation violation)
        where THandler : struct, IHeadHandler, allows ref struct
        => Parse<THandler, Request>(input, limits, ref scan, ref handler, out consumed, out violation);

    /// <summary>Reads a response's head. Parameters as with <see cref="ParseRequest"/>; no empty line may come before it.</summary>
    /// <param name="input">All bytes of the message so far; the same start with more behind it at each call.</param>
    /// <param name="limits">The bounds.</param>
    /// <param name="scan">How far earlier calls came; <c>default</c> for a new head.</param>
    /// <param name="handler">Is told the parts.</param>
    /// <param name="consumed">The head's length in bytes where done.</param>
    /// <param name="violation">What was wrong where the status is <see cref="ParseStatus.Invalid"/>.</param>
    public static ParseStatus ParseResponse<THandler>(ReadOnlySpan<byte> input, HttpLimits limits, ref HeadScan scan,
        ref THandler handler, out int consumed, out HttpViolation violation)
        where THandler : struct, IHeadHandler, allows ref struct
        => Parse<THandler, Response>(input, limits, ref scan, ref handler, out consumed, out violation);

    private static ParseStatus Parse<THandler, TKind>(ReadOnlySpan<byte> input, HttpLimits limits, ref HeadScan scan,
        ref THandler handler, out int consumed, out HttpViolation violation)
        where THandler : struct, IHeadHandler, allows ref struct
        where TKind : struct, IKind
    {
        ParseStatus status;
        if (!scan.Resumed)
        {
            status = Read<THandler, TKind>(input, limits, ref scan, ref handler, out consumed, out violation);
        }
        else
        {
            Nobody nobody = default;
            status = Read<Nobody, TKind>(input, limits, ref scan, ref nobody, out consumed, out violation);
            if (status == ParseStatus.Done)
            {
                scan = default;
                status = Read<THandler, TKind>(input[..consumed], limits, ref scan, ref handler, out consumed, out violation);
            }
        }

        if (status == ParseStatus.NeedMore)
            scan.Resumed = true;
        else
            scan = default;
        return status;
    }

    private static ParseStatus Read<THandler, TKind>(ReadOnlySpan<byte> input, HttpLimits limits, ref HeadScan scan,
        ref THandler handler, out int consumed, out HttpViolation violation)
        where THandler : struct, IHeadHandler, allows ref struct
        where TKind : struct, IKind
    {
        consumed = 0;
        if (!scan.InFields)
        {
            ParseStatus status = ParseStatus.Done;
            violation = HttpViolation.None;
            if (TKind.SkipsEmptyLines)
                status = SkipEmptyLines(input, limits, ref scan, out violation);
            if (status == ParseStatus.Done)
                status = ReadStartLine<THandler, TKind>(input, limits, ref scan, ref handler, out violation);
            if (status != ParseStatus.Done)
                return status;
        }

        int mostBytes = scan.HeadStart + limits.MaxHeadBytes;
        bool over = input.Length >= mostBytes;
        ReadOnlySpan<byte> head = over ? input[..mostBytes] : input;
        ParseStatus read = FieldLineParser.ReadFields(head, limits, ref scan, ref handler, out consumed, out violation);
        if (read == ParseStatus.NeedMore && over)
        {
            violation = HttpViolation.HeadTooLarge;
            return ParseStatus.Invalid;
        }

        return read;
    }

    /// <summary>Skips CRLFs before a request (RFC 9112 section 2.2). Done where the start line's first byte is there.</summary>
    private static ParseStatus SkipEmptyLines(ReadOnlySpan<byte> input, HttpLimits limits, ref HeadScan scan, out HttpViolation violation)
    {
        violation = HttpViolation.None;
        while (true)
        {
            int at = scan.HeadStart;
            if (at == input.Length)
                return ParseStatus.NeedMore;

            switch (input[at])
            {
                case HttpBytes.LineFeed:
                    violation = HttpViolation.BareLineFeed;
                    return ParseStatus.Invalid;

                case HttpBytes.CarriageReturn when scan.EmptyLines == limits.MaxLeadingEmptyLines:
                    violation = HttpViolation.TooManyEmptyLines;
                    return ParseStatus.Invalid;

                case HttpBytes.CarriageReturn when at + 1 == input.Length:
                    return ParseStatus.NeedMore;

                case HttpBytes.CarriageReturn when input[at + 1] != HttpBytes.LineFeed:
                    violation = HttpViolation.BareCarriageReturn;
                    return ParseStatus.Invalid;

                case HttpBytes.CarriageReturn:
                    scan.EmptyLines++;
                    scan.HeadStart = at + 2;
                    continue;

                default:
                    return ParseStatus.Done;
            }
        }
    }

    private static ParseStatus ReadStartLine<THandler, TKind>(ReadOnlySpan<byte> input, HttpLimits limits, ref HeadScan scan,
        ref THandler handler, out HttpViolation violation)
        where THandler : struct, IHeadHandler, allows ref struct
        where TKind : struct, IKind
    {
        int mostBytes = Math.Min(limits.MaxStartLineBytes, limits.MaxHeadBytes);
        ReadOnlySpan<byte> line = input[scan.HeadStart..];
        bool over = line.Length >= mostBytes;
        int checkedTo = Math.Max(0, scan.Checked - scan.HeadStart);
        line = over ? line[..mostBytes] : line;
        ParseStatus status = TKind.ReadStartLine(line, limits, checkedTo, ref handler, out int length, out violation);
        if (status == ParseStatus.Done)
        {
            scan.InFields = true;
            scan.LineStart = scan.HeadStart + length;
            scan.Checked = 0;
        }
        else if (status == ParseStatus.NeedMore)
        {
            scan.Checked = scan.HeadStart + length;
            if (over)
            {
                violation = HttpViolation.StartLineTooLong;
                return ParseStatus.Invalid;
            }
        }

        return status;
    }

    /// <summary>What tells a request's head from a response's; resolved when the parser is compiled.</summary>
    private interface IKind
    {
        static abstract bool SkipsEmptyLines { get; }

        static abstract ParseStatus ReadStartLine<THandler>(ReadOnlySpan<byte> line, HttpLimits limits, int checkedTo,
            ref THandler handler, out int length, out HttpViolation violation)
            where THandler : struct, IHeadHandler, allows ref struct;
    }

    private readonly struct Request : IKind
    {
        public static bool SkipsEmptyLines => true;

        public static ParseStatus ReadStartLine<THandler>(ReadOnlySpan<byte> line, HttpLimits limits, int checkedTo,
            ref THandler handler, out int length, out HttpViolation violation)
            where THandler : struct, IHeadHandler, allows ref struct
            => StartLineParser.ReadRequestLine(line, limits, checkedTo, ref handler, out length, out violation);
    }

    private readonly struct Response : IKind
    {
        public static bool SkipsEmptyLines => false;

        public static ParseStatus ReadStartLine<THandler>(ReadOnlySpan<byte> line, HttpLimits limits, int checkedTo,
            ref THandler handler, out int length, out HttpViolation violation)
            where THandler : struct, IHeadHandler, allows ref struct
            => StartLineParser.ReadStatusLine(line, checkedTo, ref handler, out length, out violation);
    }

    /// <summary>Is told a head that is only being checked.</summary>
    private readonly struct Nobody : IHeadHandler
    {
        public void OnRequestLine(ReadOnlySpan<byte> method, ReadOnlySpan<byte> target, ProtocolVersion version)
        {
        }

        public void OnStatusLine(ProtocolVersion version, int status, ReadOnlySpan<byte> reason)
        {
        }

        public void OnField(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
        {
        }
    }
}
