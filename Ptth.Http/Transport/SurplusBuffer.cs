using System.Buffers;
using System.Diagnostics;

namespace Ptth.Http.Transport;

/// <summary>
/// Bytes of a connection that were received with a head or behind a body, and that come before all that the channel still has. They lie
/// in a rented buffer, which is given back with the last of them.
/// </summary>
/// <remarks>A mutable struct: keep it in one field, and use it there.</remarks>
internal struct SurplusBuffer
{
    /// <summary>A head of the usual size fits in, so that it is parsed where it lies.</summary>
    private const int LeastBytes = 1024;

    private byte[]? _buffer;
    private int _start;
    private int _end;

    /// <summary>How many bytes are waiting.</summary>
    public readonly int Length => _end - _start;

    /// <summary>The bytes that are waiting.</summary>
    public readonly ReadOnlySpan<byte> Span => _buffer.AsSpan(_start, Length);

    /// <summary>Moves bytes out, as many as <paramref name="destination"/> takes; returns how many.</summary>
    public int Take(Span<byte> destination)
    {
        int count = Math.Min(Length, destination.Length);
        if (count == 0) return 0;
        Span[..count].CopyTo(destination);
        Consume(count);
        return count;
    }

    /// <summary>Drops the first bytes: they have been read where they lie.</summary>
    public void Consume(int count)
    {
        _start += count;
        if (Length == 0) Release();
    }

    /// <summary>Puts bytes back that were taken last, or fills it where it is empty.</summary>
    public void PutBack(ReadOnlySpan<byte> bytes)
    {
        if (Length > 0)
        {
            // Bytes are received from the channel only once the surplus was taken: these are still where they were taken from.
            Debug.Assert(_buffer.AsSpan(0, _start).EndsWith(bytes), "What is given back is what was taken last.");
            _start -= bytes.Length;
            return;
        }

        _buffer = ArrayPool<byte>.Shared.Rent(bytes.Length);
        bytes.CopyTo(_buffer);
        _start = 0;
        _end = bytes.Length;
    }

    /// <summary>Room behind the bytes, not empty, to receive more into; <see cref="Added"/> says how many came.</summary>
    public Memory<byte> Room()
    {
        _buffer ??= ArrayPool<byte>.Shared.Rent(LeastBytes);
        if (_end == _buffer.Length)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(LeastBytes, 2 * Length));
            Span.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _end = Length;
            _start = 0;
            _buffer = larger;
        }

        return _buffer.AsMemory(_end);
    }

    /// <summary>So many bytes were received into the room.</summary>
    public void Added(int count)
    {
        _end += count;
        if (Length == 0) Release();
    }

    /// <summary>Forgets what is waiting, and gives the buffer back.</summary>
    public void Release()
    {
        byte[]? buffer = _buffer;
        _buffer = null;
        _start = _end = 0;
        if (buffer is not null) ArrayPool<byte>.Shared.Return(buffer);
    }
}
