using System.Diagnostics;
using System.Net.Sockets;

namespace Ptth.Load.Soak;

/// <summary>One end of a tunnel: sends and receives as its plan says, checks every byte, and tells how it ended.</summary>
internal sealed class StreamHalf(Socket socket, HalfPlan plan, CancellationToken token)
{
    /// <summary>The most bytes of one send or receive.</summary>
    public const int BufferBytes = 64 * 1024;

    private const int SlowReadBytes = 1024;

    // getsockopt(IPPROTO_TCP, TCP_INFO) of Linux, whose first byte is the connection's state.
    private const int TcpLevel = 6;
    private const int TcpInfo = 11;
    private const byte TcpClose = 7;

    private static readonly TimeSpan SlowReadPause = TimeSpan.FromMilliseconds(250);

    private readonly PatternCheck _check = new(plan);
    private readonly CancellationTokenSource _failing = CancellationTokenSource.CreateLinkedTokenSource(token);
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private volatile bool _hasReset;
    private volatile bool _hasEnded;

    /// <summary>Runs to the end; does not throw for what the network does. The socket is closed afterwards.</summary>
    public async Task<HalfResult> RunAsync()
    {
        using (socket)
        using (_failing)
        {
            Task<HalfResult?> receiving = GuardAsync(ReceiveAsync);
            Task<HalfResult?> sending = GuardAsync(() => SendAsync(receiving));
            HalfResult? first = await await Task.WhenAny(receiving, sending);

            // What failed one way has failed: the other way is not waited for.
            if (first is not null)
            {
                Reset(socket);
                await _failing.CancelAsync();
            }

            HalfResult? received = await receiving;
            HalfResult? sent = await sending;
            HalfResult?[] all = [first, received, sent];
            // A wrong byte counts for more than the break that may have come with it.
            return Array.Find(all, static result => result is { IsWrong: true, Outcome: not Outcome.Stuck })
                ?? Array.Find(all, static result => result is not null)
                ?? new HalfResult(Outcome.Clean, _check.Received);
        }
    }

    /// <summary>Closes a connection with RST.</summary>
    public static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            // It has ended by itself.
        }

        socket.Dispose();
    }

    /// <summary>A buffer for so many bytes in all.</summary>
    public static byte[] NewBuffer(long bytes) => GC.AllocateUninitializedArray<byte>((int)Math.Clamp(bytes, SlowReadBytes, BufferBytes));

    private async Task<HalfResult?> GuardAsync(Func<Task<HalfResult?>> half)
    {
        try
        {
            return await half();
        }
        catch (OperationCanceledException)
        {
            return new HalfResult(Outcome.Stuck, _check.Received, $"no end after {_clock.Elapsed.TotalSeconds:0} s");
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            return new HalfResult(_hasReset ? Outcome.OwnReset : Outcome.Broken, _check.Received, (failure as SocketException)?.SocketErrorCode.ToString() ?? "");
        }
    }

    private async Task<HalfResult?> ReceiveAsync()
    {
        byte[] buffer = NewBuffer(plan.ReceiveBytes);
        while (true)
        {
            bool isSlow = _clock.Elapsed < plan.ReadsSlowlyFor;
            int received = await socket.ReceiveAsync(isSlow ? buffer.AsMemory(0, SlowReadBytes) : buffer, _failing.Token);
            if (received == 0 && WasReset()) throw new SocketException((int)SocketError.ConnectionReset);
            if (received == 0) break;
            if (_check.Add(buffer.AsSpan(0, received)) is { } wrong) return wrong;
            if (isSlow) await Task.Delay(SlowReadPause, _failing.Token);
        }

        return _check.Received == plan.ReceiveBytes
            ? null
            : new HalfResult(Outcome.EndedShort, _check.Received, $"a clean end short of {plan.ReceiveBytes} bytes");
    }

    private async Task<HalfResult?> SendAsync(Task<HalfResult?> receiving)
    {
        if (plan.StartsAfterPeersEnd && await receiving is { } failed) return failed;
        byte[] buffer = NewBuffer(plan.SendBytes);
        long end = plan.ResetAt ?? plan.SendBytes;
        long restAt = plan.RestsFor > TimeSpan.Zero ? plan.SendBytes / 2 : long.MaxValue;
        TimeSpan start = _clock.Elapsed;
        for (long sent = 0; sent < end;)
        {
            if (sent >= restAt)
            {
                await Task.Delay(plan.RestsFor, _failing.Token);
                restAt = long.MaxValue;
            }

            // Lengths that are no multiple of anything, the same each time the plan is run.
            long upTo = Math.Min(Math.Min(end, restAt), sent + buffer.Length);
            int length = (int)Math.Min(upTo - sent, 1 + (long)(((plan.Id ^ (ulong)sent) * 0x9E3779B97F4A7C15) >> 48));
            TunnelPattern.Fill(buffer.AsSpan(0, length), plan.Id, plan.Sends, sent);
            for (int done = 0; done < length;) done += await socket.SendAsync(buffer.AsMemory(done, length - done), _failing.Token);
            sent += length;
            if (plan.SendRate > 0)
            {
                TimeSpan ahead = start + TimeSpan.FromSeconds((double)sent / plan.SendRate) - _clock.Elapsed;
                if (ahead > TimeSpan.FromMilliseconds(1)) await Task.Delay(ahead, _failing.Token);
            }
        }

        if (plan.ResetAt is null)
        {
            _hasEnded = true;
            socket.Shutdown(SocketShutdown.Send);
            return null;
        }

        _hasReset = true;
        Reset(socket);
        return new HalfResult(Outcome.OwnReset, _check.Received);
    }

    // The kernel reports a reset once. Where a send was told, receives see what looks like a clean end; but while this end has not ended
    // its own half, a FIN does not lead to the state CLOSE.
    private bool WasReset()
    {
        if (_hasEnded) return false;
        Span<byte> state = stackalloc byte[1];
        socket.GetRawSocketOption(TcpLevel, TcpInfo, state);
        return state[0] == TcpClose;
    }
}
