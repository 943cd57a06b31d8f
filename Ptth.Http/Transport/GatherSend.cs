using System.Net.Sockets;
using System.Threading.Tasks.Sources;

namespace Ptth.Http.Transport;

/// <summary>A gathering send as an awaitable that is used again and again; one send at a time.</summary>
internal sealed class GatherSend : SocketAsyncEventArgs, IValueTaskSource<int>
{
    private ManualResetValueTaskSourceCore<int> _completion;

    /// <summary>An operation that may be started on any socket.</summary>
    public GatherSend() : base(true)
    {
        // true: the execution context does not flow; nothing here depends on it.
    }

    /// <summary>Sends the segments; the framework completes it when all of them are sent.</summary>
    public ValueTask<int> Start(Socket socket, IList<ArraySegment<byte>> segments)
    {
        _completion.Reset();
        BufferList = segments;
        try
        {
            if (socket.SendAsync(this)) return new ValueTask<int>(this, _completion.Version);
        }
        catch
        {
            BufferList = null;
            throw;
        }

        return new ValueTask<int>(TakeResult());
    }

    int IValueTaskSource<int>.GetResult(short token) => _completion.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _completion.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token,
        ValueTaskSourceOnCompletedFlags flags) => _completion.OnCompleted(continuation, state, token, flags);

    /// <inheritdoc/>
    protected override void OnCompleted(SocketAsyncEventArgs e)
    {
        int sent;
        try
        {
            sent = TakeResult();
        }
        catch (SocketException failure)
        {
            _completion.SetException(failure);
            return;
        }

        _completion.SetResult(sent);
    }

    private int TakeResult()
    {
        int sent = BytesTransferred;
        BufferList = null;
        return SocketError == SocketError.Success ? sent : throw new SocketException((int)SocketError);
    }
}
