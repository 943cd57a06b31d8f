using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Ptth.Load.Soak;

/// <summary>
/// The bytes of a tunnel: each block of 32 says whose it is, which way it goes and where it stands, and proves that with two words that
/// follow from it. So a byte out of place is seen, and where it comes from can be told.
/// </summary>
/// <code>
///   0          8                       16         24         32
///   ┌──────────┬───────────────────────┬──────────┬──────────┐
///   │ tunnel   │ direction, position   │ proof    │ proof    │
///   └──────────┴───────────────────────┴──────────┴──────────┘
/// </code>
internal static class TunnelPattern
{
    private const int BlockBytes = 32;
    private const ulong DownBit = 1UL << 63;

    /// <summary>Fills <paramref name="bytes"/> with what stands from <paramref name="position"/> on.</summary>
    public static void Fill(Span<byte> bytes, ulong id, Direction direction, long position)
    {
        int skip = (int)(position % BlockBytes);
        position -= skip;
        if (skip > 0)
        {
            Span<byte> block = stackalloc byte[BlockBytes];
            WriteBlock(block, id, direction, position);
            int taken = Math.Min(BlockBytes - skip, bytes.Length);
            block.Slice(skip, taken).CopyTo(bytes);
            bytes = bytes[taken..];
            position += BlockBytes;
        }

        int whole = bytes.Length / BlockBytes * BlockBytes;
        for (int at = 0; at < whole; at += BlockBytes) WriteBlock(bytes.Slice(at, BlockBytes), id, direction, position + at);
        if (whole < bytes.Length)
        {
            Span<byte> block = stackalloc byte[BlockBytes];
            WriteBlock(block, id, direction, position + whole);
            block[..(bytes.Length - whole)].CopyTo(bytes[whole..]);
        }
    }

    /// <summary>The first whole block of any tunnel within the bytes, at whatever offset; null where there is none.</summary>
    public static (ulong Id, Direction Direction, long Position)? Find(ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= BlockBytes; bytes = bytes[1..])
        {
            ulong id = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            ulong place = BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]);
            if (BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]) == Proof(id, place)
                && BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]) == Proof(place, id))
            {
                return (id, (place & DownBit) == 0 ? Direction.Up : Direction.Down, (long)(place & ~DownBit));
            }
        }

        return null;
    }

    private static void WriteBlock(Span<byte> block, ulong id, Direction direction, long position)
    {
        ulong place = (ulong)position | (direction == Direction.Down ? DownBit : 0);
        Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(block);
        words[0] = id;
        words[1] = place;
        words[2] = Proof(id, place);
        words[3] = Proof(place, id);
    }

    // The finisher of SplitMix64 over both.
    private static ulong Proof(ulong a, ulong b)
    {
        ulong mixed = a + (b * 0x9E3779B97F4A7C15);
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }
}
