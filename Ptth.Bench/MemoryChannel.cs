using System.Net;
using System.Threading.Tasks.Sources;
using Ptth.Http.Transport;

namespace Ptth.Bench;

/// <summary>A connection in memory, everything inline: it gives what it is fed, and keeps the head of the answer.</summary>
internal sealed class MemoryChannel : ByteChannel, IValueTaskSource<int>
{
    private readonly byte[] _answer = new byte[1024];
    private ManualResetValueTaskSourceCore<int> _readable;
    private ReadOnlyMemory<byte> _input;
    private bool _isWaiting;
    private int _answered;

    /// <inheritdoc/>
    public override EndPoint? RemoteEndPoint => null;

    /// <inheritdoc/>
    public override bool IsReadable => !_input.IsEmpty;

    /// <summary>Gives these to whoever waits for them; returns once all that follows from them is done.</summary>
    /// <exception cref="InvalidOperationException">They were not answered with 200.</exception>
    public void Exchange(ReadOnlyMemory<byte> request)
    {
        _input = request;
        _answered = 0;
        Wake();
        if (!Http200.IsWhole(_answer.AsSpan(0, _answered))) throw new InvalidOperationException("There is no answer.");
    }

    /// <inheritdoc/>
    public override ValueTask<int> WaitReadableAsync()
    {
        if (!_input.IsEmpty) return ValueTask.FromResult(0);
        _readable.Reset();
        _isWaiting = true;
        return new ValueTask<int>(this, _readable.Version);
    }

    /// <inheritdoc/>
    public override ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        int length = Math.Min(buffer.Length, _input.Length);
        _input[..length].CopyTo(buffer);
        _input = _input[length..];
        return ValueTask.FromResult(length);
    }

    /// <inheritdoc/>
    public override ValueTask<int> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        bytes.Span.CopyTo(_answer.AsSpan(_answered));
        _answered += bytes.Length;
        return ValueTask.FromResult(bytes.Length);
    }

    /// <inheritdoc/>
    public override ValueTask<int> SendAsync(GatherList segments) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void ShutdownSend()
    {
    }

    /// <inheritdoc/>
    public override void Abort() => Wake();

    int IValueTaskSource<int>.GetResult(short token) => _readable.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _readable.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _readable.OnCompleted(continuation, state, token, flags);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
    }

    private void Wake()
    {
        if (!_isWaiting) return;
        _isWaiting = false;
        _readable.SetResult(0);
    }
}
