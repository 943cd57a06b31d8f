using System.Buffers;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using System.Security.Cryptography;

namespace Ptth.Http.Transport.Tls;

/// <content>The sending direction, and its end.</content>
public sealed partial class TlsChannel
{
    /// <inheritdoc/>
    public override ValueTask<int> SendAsync(ReadOnlyMemory<byte> bytes) => _isPlain ? _socket.SendAsync(bytes) : WriteAsync(bytes);

    /// <inheritdoc/>
    /// <remarks>Short segments share a record, so that a chunk's size line costs none of its own.</remarks>
    public override ValueTask<int> SendAsync(GatherList segments)
    {
        ArgumentNullException.ThrowIfNull(segments);
        if (_isPlain) return _socket.SendAsync(segments);
        return segments.Count == 1 ? WriteAsync(segments[0].AsMemory()) : WriteAsync(segments);
    }

    /// <inheritdoc/>
    public override void ShutdownSend()
    {
        if (_isOpen) _ending.Want();
        else _socket.ShutdownSend();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        BeginSend();
        try
        {
            await _tls.WriteAsync(bytes);
            return bytes.Length;
        }
        finally
        {
            EndSend();
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> WriteAsync(GatherList segments)
    {
        BeginSend();
        byte[] record = ArrayPool<byte>.Shared.Rent(RecordBytes);
        try
        {
            int total = 0, filled = 0;
            for (int i = 0; i < segments.Count; i++)
            {
                ReadOnlyMemory<byte> rest = segments[i].AsMemory();
                total += rest.Length;
                while (!rest.IsEmpty)
                {
                    // Whole records are not copied.
                    int count = filled == 0 && rest.Length >= RecordBytes ? rest.Length / RecordBytes * RecordBytes : Math.Min(RecordBytes - filled, rest.Length);
                    if (count >= RecordBytes)
                    {
                        await _tls.WriteAsync(rest[..count]);
                    }
                    else
                    {
                        rest[..count].CopyTo(record.AsMemory(filled));
                        filled += count;
                        if (filled == RecordBytes)
                        {
                            await _tls.WriteAsync(record.AsMemory(0, filled));
                            filled = 0;
                        }
                    }

                    rest = rest[count..];
                }
            }

            if (filled > 0) await _tls.WriteAsync(record.AsMemory(0, filled));
            return total;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(record);
            EndSend();
        }
    }

    private void BeginSend()
    {
        Enter();
        try
        {
            _ending.SendBegins();
        }
        catch
        {
            Leave();
            throw;
        }
    }

    private void EndSend()
    {
        _ending.SendEnds();
        Leave();
    }

    /// <summary>close_notify, then FIN. Called when nothing else is within the record layer.</summary>
    private void SayCloseNotify()
    {
        try
        {
            Task saying = _tls.ShutdownAsync();
            if (saying.IsCompleted) _socket.ShutdownSend();
            else _ = EndAfterAsync(saying);
        }
        catch (Exception failure) when (Connection.IsConnectionFailure(failure) || failure is AuthenticationException or InvalidOperationException or CryptographicException)
        {
            // The connection is gone already; whoever reads it next is told.
            _socket.ShutdownSend();
        }
    }

    private async Task EndAfterAsync(Task saying)
    {
        await saying.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _socket.ShutdownSend();
    }
}
