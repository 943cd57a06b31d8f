namespace Ptth.Http.Core;

/// <summary>The head parser: start line and field lines (RFC 9112 sections 2 to 5), strict, in one span.</summary>
public static class HeadParser
{
    /// <summary>Reads a request's head. The verdict does not depend on how the bytes were split.</summary>
    public static ParseStatus ParseRequest<THandler>(ReadOnlySpan<byte> input, HttpLimits limits, ref HeadScan scan,
        ref THandler handler, out int consumed, out HttpViolation violation)
        where THandler : struct, IHeadHandler, allows ref struct
        => throw new NotImplementedException();

    /// <summary>Reads a response's head.</summary>
    public static ParseStatus ParseResponse<THandler>(ReadOnlySpan<byte> input, HttpLimits limits, ref HeadScan scan,
        ref THandler handler, out int consumed, out HttpViolation violation)
        where THandler : struct, IHeadHandler, allows ref struct
        => throw new NotImplementedException();
}
