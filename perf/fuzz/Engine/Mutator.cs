namespace Ptth.Fuzz.Engine;

/// <summary>Makes new inputs out of old ones. The same seed makes the same inputs.</summary>
internal sealed class Mutator(Random random, IReadOnlyList<byte[]> words, int maxBytes)
{
    private const int MostSteps = 8;

    /// <summary>Bytes on whose sides readers disagree.</summary>
    private static readonly byte[] Edges = [0, 1, (byte)'\t', (byte)'\n', 0x0b, (byte)'\r', 0x1f, (byte)' ', (byte)'"', (byte)',', (byte)'0', (byte)':', (byte)';', 0x7f, 0x80, 0x85, 0xa0, 0xff];

    private readonly byte[] _room = new byte[maxBytes];
    private int _length;

    /// <summary>A mutation of <paramref name="input"/>, with pieces of <paramref name="other"/>; valid until the next call.</summary>
    public ReadOnlySpan<byte> Mutate(ReadOnlySpan<byte> input, ReadOnlySpan<byte> other)
    {
        _length = Math.Min(input.Length, _room.Length);
        input[.._length].CopyTo(_room);
        for (int steps = 1 + random.Next(MostSteps); steps > 0; steps--) Step(other);
        return _room.AsSpan(0, _length);
    }

    private void Step(ReadOnlySpan<byte> other)
    {
        int at = random.Next(_length + 1);
        switch (random.Next(10))
        {
            case 0 when at < _length: _room[at] ^= (byte)(1 << random.Next(8)); break;
            case 1 when at < _length: _room[at] = (byte)random.Next(256); break;
            case 2 when at < _length: _room[at] = Edges[random.Next(Edges.Length)]; break;
            case 3: Insert(at, [Edges[random.Next(Edges.Length)]]); break;
            case 4 or 5 when words.Count > 0: Insert(at, words[random.Next(words.Count)]); break;
            case 6 when words.Count > 0: Overwrite(at, words[random.Next(words.Count)]); break;
            case 7: Remove(at, random.Next(1 + Math.Min(_length - at, 32))); break;
            case 8: Insert(at, PieceOf(_room.AsSpan(0, _length)).ToArray()); break;
            default: Insert(at, PieceOf(other)); break;
        }
    }

    private ReadOnlySpan<byte> PieceOf(ReadOnlySpan<byte> bytes)
    {
        int start = random.Next(bytes.Length + 1);
        return bytes.Slice(start, random.Next(1 + Math.Min(bytes.Length - start, random.Next(4) == 0 ? bytes.Length : 32)));
    }

    private void Insert(int at, ReadOnlySpan<byte> bytes)
    {
        if (_length + bytes.Length > _room.Length) return;
        _room.AsSpan(at, _length - at).CopyTo(_room.AsSpan(at + bytes.Length));
        bytes.CopyTo(_room.AsSpan(at));
        _length += bytes.Length;
    }

    private void Overwrite(int at, ReadOnlySpan<byte> bytes)
    {
        if (at + bytes.Length > _room.Length) return;
        bytes.CopyTo(_room.AsSpan(at));
        _length = Math.Max(_length, at + bytes.Length);
    }

    private void Remove(int at, int count)
    {
        _room.AsSpan(at + count, _length - at - count).CopyTo(_room.AsSpan(at));
        _length -= count;
    }
}
