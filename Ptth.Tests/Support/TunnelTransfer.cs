using System.Net.Sockets;
using NUnit.Framework;

namespace Ptth.Tests.Support;

/// <summary>A pattern each way through a tunnel, for as long as the test wants it to last.</summary>
internal sealed class TunnelTransfer
{
    private readonly CancellationToken _token;
    private readonly Task<long>[] _sent;
    private readonly Task<StreamEnd>[] _received;
    private readonly long[] _bytes = new long[2];
    private volatile bool _isEnough;

    /// <summary>Begins to send and to read at both ends.</summary>
    public TunnelTransfer(Socket local, Socket far, Pattern up, Pattern down, CancellationToken token)
    {
        _token = token;
        _sent = [SendAsync(local, up), SendAsync(far, down)];
        _received =
        [
            far.ReceivePatternAsync(up, token, received => Volatile.Write(ref _bytes[0], received)),
            local.ReceivePatternAsync(down, token, received => Volatile.Write(ref _bytes[1], received)),
        ];
    }

    /// <summary>Waits until so many bytes more have come each way.</summary>
    public async Task GoesOnAsync(long bytes)
    {
        long up = Volatile.Read(ref _bytes[0]) + bytes, down = Volatile.Read(ref _bytes[1]) + bytes;
        await Eventually.HoldsAsync(
            () => _received.Any(static reader => reader.IsCompleted) || (Volatile.Read(ref _bytes[0]) >= up && Volatile.Read(ref _bytes[1]) >= down),
            () => $"{bytes} bytes more come each way; {up - Volatile.Read(ref _bytes[0])} up and {down - Volatile.Read(ref _bytes[1])} down are missing",
            TimeSpan.FromSeconds(30),
            _token);
        Assert.That(_received.Select(static reader => reader.IsCompleted), Has.None.True, "nothing has ended");
    }

    /// <summary>Ends both directions, and checks that all that was sent has come, with a clean end behind it.</summary>
    /// <returns>How much that was, both ways.</returns>
    public async Task<long> FinishAsync()
    {
        _isEnough = true;
        long[] sent = await Task.WhenAll(_sent);
        StreamEnd[] received = await Task.WhenAll(_received);
        Assert.That(received, Is.EqualTo(sent.Select(static bytes => new StreamEnd(bytes, EndKind.Clean))));
        return sent.Sum();
    }

    private async Task<long> SendAsync(Socket socket, Pattern pattern)
    {
        byte[] buffer = new byte[128 * 1024];
        long sent = 0;
        for (; !_isEnough; sent += buffer.Length)
        {
            pattern.Fill(buffer, sent);
            await socket.SendAllAsync(buffer, _token);
        }

        socket.Shutdown(SocketShutdown.Send);
        return sent;
    }
}
