using System.Numerics;

namespace Ptth.Http.Core;

/// <summary>
/// The chunked coding's writer (RFC 9112 section 7.1): canonical, without extensions or trailers. Sizes are in lower-case hex
/// without leading zeros, as most programs write them, so that most chunks can be handed on as they came.
/// </summary>
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
    public static int WriteSizeLine(Span<byte> destination, int dataLength)
    {
        int length = CheckedLength(destination, dataLength);
        Write(destination[..length], dataLength);
        return length;
    }

    /// <summary>Writes a chunk's size line so that it ends where <paramref name="destination"/> ends; returns where it begins.</summary>
    /// <param name="destination">At least <see cref="MaxSizeLineBytes"/>: the room in front of the data.</param>
    /// <param name="dataLength">More than 0.</param>
    public static int WriteSizeLineBefore(Span<byte> destination, int dataLength)
    {
        int start = destination.Length - CheckedLength(destination, dataLength);
        Write(destination[start..], dataLength);
        return start;
    }

    private static int CheckedLength(Span<byte> destination, int dataLength)
    {
        // A chunk of size 0 would be the last one.
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dataLength);
        ArgumentOutOfRangeException.ThrowIfLessThan(destination.Length, MaxSizeLineBytes, nameof(destination));
        return (BitOperations.Log2((uint)dataLength) >> 2) + 1 + 2;
    }

    private static void Write(Span<byte> line, int dataLength)
    {
        line[^1] = HttpBytes.LineFeed;
        line[^2] = HttpBytes.CarriageReturn;
        for (int i = line.Length - 3; i >= 0; i--)
        {
            line[i] = "0123456789abcdef"u8[dataLength & 0xf];
            dataLength >>= 4;
        }
    }
}
