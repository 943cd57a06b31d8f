namespace Ptth.Http.Core;

/// <summary>The chunked coding's writer (RFC 9112 section 7.1): canonical, without extensions or trailers.</summary>
public static class ChunkEncoder
{
    /// <summary>The longest size line that is written: eight hex digits and CRLF.</summary>
    public const int MaxSizeLineBytes = 10;

    /// <summary>What ends a chunk's data.</summary>
    public static ReadOnlyMemory<byte> Crlf { get; } = "\r\n"u8.ToArray();

    /// <summary>The last chunk and the end of an empty trailer section.</summary>
    public static ReadOnlyMemory<byte> LastChunk { get; } = "0\r\n\r\n"u8.ToArray();

    /// <summary>Writes a chunk's size line at the start of <paramref name="destination"/>; returns its length.</summary>
    /// <param name="destination">At least <see cref="MaxSizeLineBytes"/>.</param>
    /// <param name="dataLength">More than 0.</param>
    public static int WriteSizeLine(Span<byte> destination, int dataLength) => throw new NotImplementedException();

    /// <summary>Writes a chunk's size line so that it ends where <paramref name="destination"/> ends; returns where in it it begins.</summary>
    /// <param name="destination">At least <see cref="MaxSizeLineBytes"/>: the room in front of the data.</param>
    /// <param name="dataLength">More than 0.</param>
    public static int WriteSizeLineBefore(Span<byte> destination, int dataLength) => throw new NotImplementedException();
}
