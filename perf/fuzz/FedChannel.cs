using System.Net;
using Ptth.Http.Transport;

namespace Ptth.Fuzz;

/// <summary>A channel in memory that waits for what it is fed: for connections that are to stay open while others come and go.</summary>
internal sealed class FedChannel : ByteChannel
{
    private readonly Lock _lock = new();
    private readonly MemoryStream _sent = new();
    private readonly Queue<byte> _fed = new();
    private TaskCompletionSource _more = new();
    private bool _hasEnded;
    private bool _isBroken;

    /// <inheritdoc/>
    public override EndPoint? RemoteEndPoint => null;

    /// <inheritdoc/>
    public override bool IsReadable
    {
        get
        {
            lock (_lock) return _fed.Count > 0 || _hasEnded || _isBroken;
        }
    }

    /// <summary>All that was sent.</summary>
    public byte[] Sent
    {
        get
        {
            lock (_lock) return _sent.ToArray();
        }
    }

    /// <summary>Whether it was broken off or closed.</summary>
    public bool IsBroken => Volatile.Read(ref _isBroken);

    /// <summary>Bytes come from the peer.</summary>
    public void Feed(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            foreach (byte value in bytes) _fed.Enqueue(value);
        }

        Wake();
    }

    /// <summary>The peer ends its direction.</summary>
    public void End()
    {
        lock (_lock) _hasEnded = true;
        Wake();
    }

    /// <inheritdoc/>
    public override async ValueTask<int> WaitReadableAsync()
    {
        while (true)
        {
            Task more;
            lock (_lock)
            {
                ObjectDisposedException.ThrowIf(_isBroken, this);
                if (_fed.Count > 0 || _hasEnded) return 0;
                more = _more.Task;
            }

            await more;
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        await WaitReadableAsync();
        lock (_lock)
        {
            int length = Math.Min(_fed.Count, buffer.Length);
            for (int i = 0; i < length; i++) buffer.Span[i] = _fed.Dequeue();
            return length;
        }
    }

    /// <inheritdoc/>
    public override ValueTask<int> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isBroken, this);
            _sent.Write(bytes.Span);
        }

        return ValueTask.FromResult(bytes.Length);
    }

    /// <inheritdoc/>
    public override ValueTask<int> SendAsync(GatherList segments)
    {
        int sent = 0;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isBroken, this);
            for (int i = 0; i < segments.Count; i++)
            {
                _sent.Write(segments[i]);
                sent += segments[i].Count;
            }
        }

        return ValueTask.FromResult(sent);
    }

    /// <inheritdoc/>
    public override void ShutdownSend()
    {
    }

    /// <inheritdoc/>
    public override void Abort()
    {
        lock (_lock) _isBroken = true;
        Wake();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => Abort();

    private void Wake()
    {
        TaskCompletionSource more;
        lock (_lock)
        {
            more = _more;
            _more = new TaskCompletionSource();
        }

        more.TrySetResult();
    }
}
