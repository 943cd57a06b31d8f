using System.Buffers.Binary;

namespace Ptth.Load;

/// <summary>
/// A hash over a stream, of words and in their order, so that a byte that is lost, changed, doubled or in another place shows. Not against
/// malice: it is to cost little beside the bytes.
/// </summary>
internal sealed class RollingHash
{
    private const ulong Factor = 0x9E3779B97F4A7C15;

    private readonly byte[] _rest = new byte[sizeof(ulong)];
    private ulong _hash = 1;
    private int _restBytes;

    /// <summary>The bytes so far.</summary>
    public long Bytes { get; private set; }

    /// <summary>Adds bytes; how they are cut into calls makes no difference.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        Bytes += bytes.Length;
        while (_restBytes > 0 && !bytes.IsEmpty)
        {
            _rest[_restBytes++] = bytes[0];
            bytes = bytes[1..];
            if (_restBytes < _rest.Length) continue;
            AddWord(_rest);
            _restBytes = 0;
        }

        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..]) AddWord(bytes);
        if (bytes.IsEmpty) return;
        bytes.CopyTo(_rest.AsSpan(_restBytes));
        _restBytes += bytes.Length;
    }

    /// <summary>The hash of all bytes so far.</summary>
    public ulong Value()
    {
        ulong hash = _hash;
        for (int i = 0; i < _restBytes; i++) hash = (hash * Factor) ^ _rest[i];
        return hash;
    }

    private void AddWord(ReadOnlySpan<byte> word) => _hash = (_hash * Factor) ^ BinaryPrimitives.ReadUInt64LittleEndian(word);
}
