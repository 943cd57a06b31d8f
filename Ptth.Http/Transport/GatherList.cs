using System.Net.Sockets;

namespace Ptth.Http.Transport;

/// <summary>
/// A few segments that leave in one system call. It is pooled, together with the buffer that the segments lie in and the operation
/// that sends them, so that a send allocates nothing.
/// </summary>
public sealed class GatherList : IDisposable
{
    /// <summary>
    /// The most segments in one send. The framework keeps the vectors of up to eight on the stack; more would be allocated each time.
    /// </summary>
    public const int MaxSegments = 8;

    private readonly List<ArraySegment<byte>> _segments = new(MaxSegments);
    private readonly GatherSend _send = new();

    /// <summary>How many segments there are.</summary>
    public int Count => _segments.Count;

    /// <summary>The segment at <paramref name="index"/>.</summary>
    public ArraySegment<byte> this[int index] => _segments[index];

    /// <summary>Adds a segment, or lengthens the last one where the new one lies right behind it in the same array.</summary>
    /// <exception cref="InvalidOperationException">The list is full.</exception>
    public void Add(byte[] array, int offset, int count)
    {
        if (_segments.Count > 0)
        {
            ArraySegment<byte> last = _segments[^1];
            if (ReferenceEquals(last.Array, array) && last.Offset + last.Count == offset)
            {
                _segments[^1] = new ArraySegment<byte>(array, last.Offset, last.Count + count);
                return;
            }
        }

        if (_segments.Count == MaxSegments) throw new InvalidOperationException("The gather list is full.");
        _segments.Add(new ArraySegment<byte>(array, offset, count));
    }

    /// <summary>Forgets all segments.</summary>
    public void Clear() => _segments.Clear();

    /// <inheritdoc/>
    public void Dispose() => _send.Dispose();

    /// <summary>Sends all segments on <paramref name="socket"/>.</summary>
    internal ValueTask<int> SendOn(Socket socket) => _send.SendAsync(socket, _segments);
}
