namespace Ptth.Http.Core;

/// <summary>Every bound of the HTTP stack, with its default and the reason for it.</summary>
public sealed record HttpLimits
{
    /// <summary>The defaults.</summary>
    public static HttpLimits Default { get; } = new();

    /// <summary>A head in all, bytes: start line, fields and the empty line. Over it: 431, or 414 while the start line has not ended.</summary>
    public int MaxHeadBytes { get; init; } = 16 * 1024;
}
