using System.Net;
using Ptth.Http.Transport;

namespace Ptth.Fuzz;

/// <summary>
/// A channel in memory whose operations complete at once. What it gives comes in parts: the first at once or with the first send, each
/// other with one more send. Behind the last one, and where it would have to wait, the peer has ended its direction.
/// </summary>
internal sealed class ScriptedChannel(IReadOnlyList<byte[]> parts, int partsBeforeSends, Splits? splits) : ByteChannel
{
    private readonly MemoryStream _sent = new();
    private Splits _splits = splits ?? default;
    private int _part;
    private int _position;
    private int _sends;
    private bool _hasEnded;

    /// <inheritdoc/>
    public override EndPoint? RemoteEndPoint => null;

    /// <summary>All that was sent.</summary>
    public ReadOnlySpan<byte> Sent => _sent.GetBuffer().AsSpan(0, (int)_sent.Length);

    /// <summary>Whether the sending direction was ended.</summary>
    public bool HasSentEnd { get; private set; }

    /// <summary>Whether it was broken off.</summary>
    public bool IsAborted { get; private set; }

    /// <summary>Whether it was closed.</summary>
    public bool IsDisposed { get; private set; }

    /// <inheritdoc/>
    public override bool IsReadable => _hasEnded || Available() > 0 || _part == parts.Count;

    /// <inheritdoc/>
    public override ValueTask<int> WaitReadableAsync()
    {
        ObjectDisposedException.ThrowIf(IsDisposed || IsAborted, this);
        return ValueTask.FromResult(0);
    }

    /// <inheritdoc/>
    public override ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(IsDisposed || IsAborted, this);
        int length = Math.Min(Available(), buffer.Length);
        if (length == 0 || _hasEnded)
        {
            _hasEnded = true;
            return ValueTask.FromResult(0);
        }

        if (splits is not null) length = _splits.NextPiece(length);
        parts[_part].AsSpan(_position, length).CopyTo(buffer.Span);
        _position += length;
        return ValueTask.FromResult(length);
    }

    /// <inheritdoc/>
    public override ValueTask<int> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        ObjectDisposedException.ThrowIf(IsDisposed || IsAborted, this);
        _sends++;
        _sent.Write(bytes.Span);
        return ValueTask.FromResult(bytes.Length);
    }

    /// <inheritdoc/>
    public override ValueTask<int> SendAsync(GatherList segments)
    {
        ObjectDisposedException.ThrowIf(IsDisposed || IsAborted, this);
        _sends++;
        int before = (int)_sent.Length;
        for (int i = 0; i < segments.Count; i++) _sent.Write(segments[i]);
        return ValueTask.FromResult((int)_sent.Length - before);
    }

    /// <inheritdoc/>
    public override void ShutdownSend() => HasSentEnd = true;

    /// <inheritdoc/>
    public override void Abort() => IsAborted = true;

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => IsDisposed = true;

    /// <summary>How many bytes there are now.</summary>
    private int Available()
    {
        while (_part < parts.Count && _part < partsBeforeSends + _sends && _position == parts[_part].Length)
        {
            _part++;
            _position = 0;
        }

        return _part < parts.Count && _part < partsBeforeSends + _sends ? parts[_part].Length - _position : 0;
    }
}
