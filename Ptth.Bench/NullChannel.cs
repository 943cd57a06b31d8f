using System.Net;
using Ptth.Http.Transport;

namespace Ptth.Bench;

/// <summary>Takes everything and keeps nothing.</summary>
internal sealed class NullChannel : ByteChannel
{
    /// <inheritdoc/>
    public override EndPoint? RemoteEndPoint => null;

    /// <inheritdoc/>
    public override bool IsReadable => false;

    /// <inheritdoc/>
    public override ValueTask<int> WaitReadableAsync() => throw new NotSupportedException();

    /// <inheritdoc/>
    public override ValueTask<int> ReceiveAsync(Memory<byte> buffer) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override ValueTask<int> SendAsync(ReadOnlyMemory<byte> bytes) => ValueTask.FromResult(bytes.Length);

    /// <inheritdoc/>
    public override ValueTask<int> SendAsync(GatherList segments) => ValueTask.FromResult(segments.Count);

    /// <inheritdoc/>
    public override void ShutdownSend()
    {
    }

    /// <inheritdoc/>
    public override void Abort()
    {
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
    }
}
