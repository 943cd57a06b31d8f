namespace Ptth.Bench;

/// <summary>The answer of both servers that run in memory.</summary>
internal static class Http200
{
    /// <summary>Whether the head of a 200 has come whole.</summary>
    /// <exception cref="InvalidOperationException">It is another answer.</exception>
    public static bool IsWhole(ReadOnlySpan<byte> head)
    {
        if (!head.EndsWith("\r\n\r\n"u8)) return false;
        return head.StartsWith("HTTP/1.1 200 "u8) ? true : throw new InvalidOperationException("The answer is not 200.");
    }
}
