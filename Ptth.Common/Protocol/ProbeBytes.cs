namespace Ptth.Common.Protocol;

/// <summary>
/// The bytes that probes move: always the same 64 KiB again and again, so that whoever receives them can tell whether they were changed, and
/// which look random, so that nothing on the way makes fewer of them.
/// </summary>
public static class ProbeBytes
{
    /// <summary>How many there are before they come again.</summary>
    public const int BlockBytes = 64 * 1024;

    private static readonly byte[] Block = Make();

    /// <summary>The bytes from an offset on, in one piece: at most so many, and to the end of the block at most. They lie in an array that nobody changes.</summary>
    public static ReadOnlyMemory<byte> At(long offset, long most)
    {
        int start = (int)(offset % BlockBytes);
        return Block.AsMemory(start, (int)Math.Min(most, BlockBytes - start));
    }

    /// <summary>Whether bytes that came at an offset are those that were sent there.</summary>
    public static bool AreAt(long offset, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            ReadOnlySpan<byte> sent = At(offset, bytes.Length).Span;
            if (!bytes[..sent.Length].SequenceEqual(sent)) return false;
            bytes = bytes[sent.Length..];
            offset += sent.Length;
        }

        return true;
    }

    /// <summary>xorshift64 (Marsaglia, 2003), the low byte of each state, from 1 on: any implementation has it in a few lines.</summary>
    private static byte[] Make()
    {
        byte[] block = new byte[BlockBytes];
        ulong state = 1;
        for (int i = 0; i < block.Length; i++)
        {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            block[i] = (byte)state;
        }

        return block;
    }
}
