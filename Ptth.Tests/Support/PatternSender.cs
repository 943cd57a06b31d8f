using System.Net.Sockets;

namespace Ptth.Tests.Support;

/// <summary>Sends a pattern without end, until the connection breaks or is closed.</summary>
internal sealed class PatternSender
{
    private long _sent;

    /// <summary>Starts to send.</summary>
    public PatternSender(Socket socket, Pattern pattern, CancellationToken token) => Ended = SendAsync(socket, pattern, token);

    /// <summary>How many bytes the kernel has taken so far.</summary>
    public long Sent => Volatile.Read(ref _sent);

    /// <summary>Why it could not go on.</summary>
    public Task<SocketError> Ended { get; }

    /// <summary>Waits until it has been held up for <paramref name="still"/>.</summary>
    /// <returns>How many bytes the kernel has taken by then.</returns>
    public Task<long> StallsAsync(TimeSpan still, CancellationToken token) =>
        Eventually.SettlesAsync(() => Sent, "the sender's total", still, token);

    private async Task<SocketError> SendAsync(Socket socket, Pattern pattern, CancellationToken token)
    {
        try
        {
            await socket.SendPatternAsync(pattern, long.MaxValue, token, sent => Volatile.Write(ref _sent, sent));
            return SocketError.Success;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode;
        }
        catch (ObjectDisposedException)
        {
            return SocketError.OperationAborted;
        }
    }
}
