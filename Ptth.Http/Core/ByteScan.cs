using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Ptth.Http.Core;

/// <summary>
/// Finds the end of a piece of text, 16 or 32 bytes at a time. The framework's <c>IndexOfAny</c> does the same, but behind calls
/// that cost more than the scan where pieces are as short as field names and values are; the head parser would be slower by half.
/// </summary>
/// <remarks>
/// A class of ASCII bytes is written as 16 masks: a byte is in it where the bit that its high half chooses is set in the mask that
/// its low half chooses.
/// </remarks>
internal static class ByteScan
{
    private const int Width = 16;

    /// <summary>Whether the byte is in the class; a byte that is not ASCII never is.</summary>
    public static bool IsMember(byte value, ReadOnlySpan<byte> masks) => value < 0x80 && ((masks[value & 0xf] >> (value >> 4)) & 1) != 0;

    /// <summary>Where the first byte at or behind <paramref name="from"/> is that is not in the class, or the input's length.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int MembersEnd(ReadOnlySpan<byte> input, int from, ReadOnlySpan<byte> masks)
    {
        while (input.Length - from >= Width)
        {
            uint others = OthersOf(Load(input, from), masks);
            if (others != 0)
                return from + int.TrailingZeroCount((int)others);
            from += Width;
        }

        return MembersEndInTail(input, from, masks);
    }

    /// <summary>
    /// Where the field text ends that <paramref name="from"/> lies in (RFC 9110 section 5.5): the first control byte but HTAB, or
    /// the input's length.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int TextEnd(ReadOnlySpan<byte> input, int from)
    {
        while (Vector256.IsHardwareAccelerated && input.Length - from >= 2 * Width)
        {
            uint controls = ControlsOf(Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(input), (nuint)from));
            if (controls != 0)
                return from + int.TrailingZeroCount((int)controls);
            from += 2 * Width;
        }

        while (input.Length - from >= Width)
        {
            uint controls = ControlsOf(Load(input, from));
            if (controls != 0)
                return from + int.TrailingZeroCount((int)controls);
            from += Width;
        }

        return TextEndInTail(input, from);
    }

    // A tail is shorter than a step. Its step looks at bytes again that are known, and forgets them.
    private static int MembersEndInTail(ReadOnlySpan<byte> input, int from, ReadOnlySpan<byte> masks)
    {
        int last = input.Length - Width;
        if (last >= 0)
        {
            uint others = OthersOf(Load(input, last), masks) >> (from - last);
            return others != 0 ? from + int.TrailingZeroCount((int)others) : input.Length;
        }

        while (from < input.Length && IsMember(input[from], masks))
            from++;
        return from;
    }

    private static int TextEndInTail(ReadOnlySpan<byte> input, int from)
    {
        int last = input.Length - Width;
        if (last >= 0)
        {
            uint controls = ControlsOf(Load(input, last)) >> (from - last);
            return controls != 0 ? from + int.TrailingZeroCount((int)controls) : input.Length;
        }

        while (from < input.Length && !HttpBytes.IsControl(input[from]))
            from++;
        return from;
    }

    /// <summary>The 16 bytes at <paramref name="at"/>, which the caller has found to be there: a second check would cost a tenth.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Load(ReadOnlySpan<byte> input, int at)
    {
        Debug.Assert(at >= 0 && at + Width <= input.Length, "the bytes are there");
        return Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(input), (nuint)at);
    }

    /// <summary>A bit for each byte that is not in the class, the first byte's lowest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint OthersOf(Vector128<byte> bytes, ReadOnlySpan<byte> masks)
    {
        // The indices are below 16, so that the native shuffle is the same on every processor.
        Vector128<byte> low = bytes & Vector128.Create((byte)0xf);
        Vector128<byte> high = (bytes.AsUInt16() >> 4).AsByte() & Vector128.Create((byte)0xf);
        Vector128<byte> bit = Vector128.ShuffleNative(Vector128.Create((byte)1, 2, 4, 8, 16, 32, 64, 128, 0, 0, 0, 0, 0, 0, 0, 0), high);
        Vector128<byte> mask = Vector128.ShuffleNative(Vector128.Create(masks), low);
        return Vector128.Equals(mask & bit, Vector128<byte>.Zero).ExtractMostSignificantBits();
    }

    /// <summary>A bit for each control byte but HTAB.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint ControlsOf(Vector128<byte> bytes)
    {
        Vector128<byte> low = Vector128.Equals(Vector128.Min(bytes, Vector128.Create((byte)0x1f)), bytes);
        Vector128<byte> tab = Vector128.Equals(bytes, Vector128.Create(HttpBytes.Tab));
        Vector128<byte> delete = Vector128.Equals(bytes, Vector128.Create(HttpBytes.Delete));
        return (Vector128.AndNot(low, tab) | delete).ExtractMostSignificantBits();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint ControlsOf(Vector256<byte> bytes)
    {
        Vector256<byte> low = Vector256.Equals(Vector256.Min(bytes, Vector256.Create((byte)0x1f)), bytes);
        Vector256<byte> tab = Vector256.Equals(bytes, Vector256.Create(HttpBytes.Tab));
        Vector256<byte> delete = Vector256.Equals(bytes, Vector256.Create(HttpBytes.Delete));
        return (Vector256.AndNot(low, tab) | delete).ExtractMostSignificantBits();
    }
}
