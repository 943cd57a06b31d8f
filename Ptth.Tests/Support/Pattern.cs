using System.Runtime.InteropServices;

namespace Ptth.Tests.Support;

/// <summary>A stream of bytes of any length whose value at every offset is known: it need not be kept to be compared.</summary>
/// <param name="seed">Two patterns of different seeds differ in nearly every byte.</param>
internal sealed class Pattern(ulong seed)
{
    private const ulong OddConstant = 0x9E3779B97F4A7C15;

    /// <summary>Fills <paramref name="buffer"/> with the bytes from <paramref name="offset"/> on.</summary>
    public void Fill(Span<byte> buffer, long offset)
    {
        while (!buffer.IsEmpty && offset % sizeof(ulong) != 0)
        {
            buffer[0] = ByteAt(offset++);
            buffer = buffer[1..];
        }

        var words = MemoryMarshal.Cast<byte, ulong>(buffer);
        var index = (ulong)offset / sizeof(ulong);
        for (var i = 0; i < words.Length; i++)
            words[i] = Word(index + (ulong)i);

        for (var i = words.Length * sizeof(ulong); i < buffer.Length; i++)
            buffer[i] = ByteAt(offset + i);
    }

    /// <summary>Whether <paramref name="received"/> is what lies at <paramref name="offset"/>.</summary>
    /// <param name="received">The bytes to compare.</param>
    /// <param name="offset">Where they should lie.</param>
    /// <param name="scratch">Room for as many bytes.</param>
    public bool Matches(ReadOnlySpan<byte> received, long offset, Span<byte> scratch)
    {
        var expected = scratch[..received.Length];
        Fill(expected, offset);
        return received.SequenceEqual(expected);
    }

    private ulong Word(ulong index)
    {
        var x = (seed + index) * OddConstant;
        return x ^ (x >> 29);
    }

    private byte ByteAt(long offset) => (byte)(Word((ulong)offset / sizeof(ulong)) >> (int)(offset % sizeof(ulong) * 8));
}
