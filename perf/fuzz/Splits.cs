namespace Ptth.Fuzz;

/// <summary>Random numbers that follow from the input alone: where to cut it, and which of several ways to take.</summary>
/// <remarks>A mutable struct: keep it in one place.</remarks>
internal struct Splits
{
    private const uint FnvOffset = 2_166_136_261;
    private const uint FnvPrime = 16_777_619;

    private uint _state = FnvOffset;

    /// <summary>Numbers for <paramref name="input"/>.</summary>
    public Splits(ReadOnlySpan<byte> input)
    {
        foreach (byte value in input) _state = (_state ^ value) * FnvPrime;
        if (_state == 0) _state = 1;
    }

    /// <summary>A number below <paramref name="bound"/> (xorshift).</summary>
    public int Below(int bound)
    {
        _state ^= _state << 13;
        _state ^= _state >> 17;
        _state ^= _state << 5;
        return (int)(_state % (uint)bound);
    }

    /// <summary>The length of the next piece of an input of which so much is left: often one byte, never nothing.</summary>
    public int NextPiece(int left) => Math.Min(left, 1 + Below(Below(2) == 0 ? 3 : 64));
}
