using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Pipelines.Sockets.Unofficial;

namespace Ptth.Http.Transport;

/// <summary>A gathering send as an awaitable that is used again and again; one send at a time.</summary>
internal sealed class GatherSend : IDisposable
{
    // Without a scheduler its continuation runs inline, on the socket engine's thread.
    private readonly SocketAwaitableEventArgs _operation = new();

    /// <summary>Sends the segments; completes when all of them are sent.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<int> SendAsync(Socket socket, IList<ArraySegment<byte>> segments)
    {
        _operation.BufferList = segments;
        try
        {
            if (!socket.SendAsync(_operation)) _operation.Complete();
            return await _operation;
        }
        finally
        {
            _operation.BufferList = null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _operation.Dispose();
}
