using System.Buffers.Binary;

namespace Ptth.Http.Core;

/// <summary>
/// The start line's readers (RFC 9112 sections 3 and 4). Each reads from the line's first byte on, left to right, and the first
/// byte that cannot be right decides the verdict; so the verdict is the same however much of the line is there.
/// </summary>
internal static class StartLineParser
{
    private const int VersionLength = 8;

    // "HTTP/1.1" and "HTTP/1.0" read as little-endian numbers.
    private const ulong Http11 = 0x312E_312F_5054_5448;
    private const ulong Http10 = 0x302E_312F_5054_5448;

    /// <summary>request-line = method SP request-target SP HTTP-version CRLF.</summary>
    /// <param name="line">From the line's first byte on.</param>
    /// <param name="limits">The bounds.</param>
    /// <param name="checkedTo">Up to where an earlier call found the line good.</param>
    /// <param name="handler">Is told the line.</param>
    /// <param name="length">The line's length with its CRLF where done; up to where it is good where more is needed.</param>
    /// <param name="violation">What was wrong.</param>
    public static ParseStatus ReadRequestLine<THandler>(ReadOnlySpan<byte> line, HttpLimits limits, int checkedTo,
        ref THandler handler, out int length, out HttpViolation violation)
        where THandler : struct, IHeadHandler, allows ref struct
    {
        length = 0;
        int methodEnd = HttpBytes.TokenEnd(line, 0);
        if (methodEnd > limits.MaxMethodBytes)
            return Invalid(HttpViolation.MethodTooLong, out violation);
        if (methodEnd == line.Length)
            return NeedMore(out violation);
        if (methodEnd == 0 || line[methodEnd] != HttpBytes.Space)
            return Invalid(WrongMethod(line, methodEnd), out violation);

        int targetStart = methodEnd + 1;
        int targetEnd = HttpBytes.TargetEnd(line, Math.Max(targetStart, checkedTo));
        if (targetEnd == line.Length || IsUnfinishedEscape(line[targetEnd..]))
        {
            length = targetEnd;
            return NeedMore(out violation);
        }

        if (targetEnd == targetStart || line[targetEnd] != HttpBytes.Space)
            return Invalid(WrongTarget(line[targetEnd]), out violation);

        ParseStatus status = ReadVersion(line, targetEnd + 1, out ProtocolVersion version, out violation);
        if (status == ParseStatus.Done)
            status = ReadLineEnd(line, targetEnd + 1 + VersionLength, HttpViolation.InvalidRequestLine, out violation);
        if (status != ParseStatus.Done)
        {
            length = targetEnd;
            return status;
        }

        length = targetEnd + 1 + VersionLength + 2;
        handler.OnRequestLine(line[..methodEnd], line[targetStart..targetEnd], version);
        return ParseStatus.Done;
    }

    /// <summary>
    /// status-line = HTTP-version SP status-code SP [ reason-phrase ] CRLF. Parameters as with the request line. The second space may be
    /// missing where there is no reason: some servers and intermediaries leave it out, and the line can be read in no other way.
    /// </summary>
    public static ParseStatus ReadStatusLine<THandler>(ReadOnlySpan<byte> line, int checkedTo,
        ref THandler handler, out int length, out HttpViolation violation)
        where THandler : struct, IHeadHandler, allows ref struct
    {
        const int StatusStart = VersionLength + 1;
        const int ReasonStart = StatusStart + 4;
        length = 0;
        ParseStatus parsed = ReadVersion(line, 0, out ProtocolVersion version, out violation);
        if (parsed != ParseStatus.Done)
            return parsed;
        if (line.Length > VersionLength && line[VersionLength] != HttpBytes.Space)
            return Invalid(WrongByte(line[VersionLength], HttpViolation.InvalidStatusLine), out violation);

        int status = 0;
        for (int i = StatusStart; i < StatusStart + 3; i++)
        {
            if (i >= line.Length)
                return NeedMore(out violation);
            if (!HttpBytes.IsDigit(line[i]))
                return Invalid(WrongByte(line[i], HttpViolation.InvalidStatusCode), out violation);
            status = status * 10 + line[i] - '0';
            if (i == StatusStart && status is < 1 or > 5)
                return Invalid(HttpViolation.InvalidStatusCode, out violation);
        }

        if (line.Length < ReasonStart)
            return NeedMore(out violation);
        byte separator = line[ReasonStart - 1];
        if (separator is not (HttpBytes.Space or HttpBytes.CarriageReturn))
        {
            return Invalid(
                WrongByte(separator, HttpBytes.IsDigit(separator) ? HttpViolation.InvalidStatusCode : HttpViolation.InvalidStatusLine),
                out violation);
        }

        int reasonStart = separator == HttpBytes.Space ? ReasonStart : ReasonStart - 1;
        int reasonEnd = ByteScan.TextEnd(line, Math.Max(reasonStart, checkedTo));
        parsed = ReadLineEnd(line, reasonEnd, HttpViolation.InvalidStatusLine, out violation);
        length = reasonEnd;
        if (parsed != ParseStatus.Done)
            return parsed;

        length = reasonEnd + 2;
        handler.OnStatusLine(version, status, line[reasonStart..reasonEnd]);
        return ParseStatus.Done;
    }

    /// <summary>HTTP-version = "HTTP" "/" DIGIT "." DIGIT (RFC 9112 section 2.3), upper case.</summary>
    private static ParseStatus ReadVersion(ReadOnlySpan<byte> line, int start, out ProtocolVersion version, out HttpViolation violation)
    {
        version = ProtocolVersion.Http11;
        violation = HttpViolation.None;
        if (line.Length - start >= VersionLength)
        {
            ulong bytes = BinaryPrimitives.ReadUInt64LittleEndian(line[start..]);
            if (bytes == Http11)
                return ParseStatus.Done;
            if (bytes == Http10)
            {
                version = ProtocolVersion.Http10;
                return ParseStatus.Done;
            }
        }

        ReadOnlySpan<byte> pattern = "HTTP/0.0"u8;
        for (int i = 0; i < VersionLength; i++)
        {
            if (start + i >= line.Length)
                return NeedMore(out violation);

            byte value = line[start + i];
            bool right = pattern[i] == (byte)'0' ? HttpBytes.IsDigit(value) : value == pattern[i];
            if (!right)
            {
                bool secondSpace = i == 0 && value == HttpBytes.Space;
                return Invalid(WrongByte(value, secondSpace ? HttpViolation.InvalidRequestLine : HttpViolation.InvalidVersion), out violation);
            }
        }

        return Invalid(HttpViolation.UnsupportedVersion, out violation);
    }

    /// <summary>Expects CRLF at <paramref name="index"/>, which may lie behind the input.</summary>
    private static ParseStatus ReadLineEnd(ReadOnlySpan<byte> line, int index, HttpViolation general, out HttpViolation violation)
    {
        violation = HttpViolation.None;
        if (line.Length - index >= 2 && BinaryPrimitives.ReadUInt16LittleEndian(line[index..]) == HttpBytes.CrLf)
            return ParseStatus.Done;
        if (index >= line.Length)
            return NeedMore(out violation);
        if (line[index] != HttpBytes.CarriageReturn)
            return Invalid(WrongByte(line[index], general), out violation);
        return index + 1 == line.Length ? NeedMore(out violation) : Invalid(HttpViolation.BareCarriageReturn, out violation);
    }

    private static bool IsUnfinishedEscape(ReadOnlySpan<byte> rest)
        => rest[0] == (byte)'%' && (rest.Length == 1 || (rest.Length == 2 && HttpBytes.HexValue(rest[1]) >= 0));

    private static HttpViolation WrongMethod(ReadOnlySpan<byte> line, int methodEnd)
    {
        byte wrong = line[methodEnd];
        if (methodEnd == 0)
        {
            // 22 is a TLS record of the handshake type (RFC 8446 section 5.1): somebody speaks https to an http port.
            if (wrong == 0x16)
                return HttpViolation.TlsHandshake;
            if (HttpBytes.IsWhiteSpace(wrong))
                return HttpViolation.LeadingWhiteSpace;
        }

        return WrongByte(wrong, wrong == HttpBytes.CarriageReturn ? HttpViolation.InvalidRequestLine : HttpViolation.InvalidMethod);
    }

    private static HttpViolation WrongTarget(byte wrong) => WrongByte(wrong, wrong switch
    {
        (byte)'#' => HttpViolation.FragmentInTarget,
        HttpBytes.Space or HttpBytes.CarriageReturn => HttpViolation.InvalidRequestLine,
        _ => HttpViolation.InvalidTarget,
    });

    private static HttpViolation WrongByte(byte wrong, HttpViolation general)
        => wrong == HttpBytes.LineFeed ? HttpViolation.BareLineFeed : general;

    private static ParseStatus NeedMore(out HttpViolation violation)
    {
        violation = HttpViolation.None;
        return ParseStatus.NeedMore;
    }

    private static ParseStatus Invalid(HttpViolation reason, out HttpViolation violation)
    {
        violation = reason;
        return ParseStatus.Invalid;
    }
}
