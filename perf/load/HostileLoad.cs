using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Ptth.Load;

/// <summary>
/// Hostile connections of all kinds, held against a relay. Those that the relay gets rid of are opened again, so many a second, until the
/// time is over; then it is measured how long the relay takes to get rid of the last.
/// </summary>
internal sealed class HostileLoad(IPEndPoint target, int count, bool fromManyAddresses) : IDisposable
{
    /// <summary>How many are opened again in a second at most: a slow flood rather than a load test of accept.</summary>
    private const int ReopenedPerSecond = 200;

    private static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(0.5);

    /// <summary>The relay's longest time-out of them is that of a head, 10 s, and 5 s for the rest of a body; a tick and the machine's load are added.</summary>
    private static readonly TimeSpan LastPatience = TimeSpan.FromSeconds(30);

    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _reopen = new(0);
    private int _opened;
    private int _open;
    private int _most;
    private int _failed;

    /// <summary>Holds them for that long; prints when all were opened once, and at the end.</summary>
    public static void Run(IPEndPoint target, int count, bool fromManyAddresses, TimeSpan time)
    {
        using var load = new HostileLoad(target, count, fromManyAddresses);
        load.RunAsync(time).GetAwaiter().GetResult();
    }

    /// <inheritdoc/>
    public void Dispose() => _reopen.Dispose();

    private async Task RunAsync(TimeSpan time)
    {
        var connections = new Task[count];
        for (int i = 0; i < count; i++)
        {
            connections[i] = HoldAsync(i);
            // The kernel queues a thousand that are not accepted yet.
            if (i % 100 == 99) await Task.Delay(20);
        }

        Console.WriteLine("all opened");
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < time)
        {
            _reopen.Release(ReopenedPerSecond / 10);
            await Task.Delay(100);
        }

        int atEnd = Volatile.Read(ref _open);
        _over.SetResult();
        _reopen.Release(count);
        start = Stopwatch.GetTimestamp();
        await Task.WhenAny(Task.WhenAll(connections), Task.Delay(LastPatience));
        LoadCommands.Print("hostile.opened", _opened);
        LoadCommands.Print("hostile.refused", _failed);
        LoadCommands.Print("hostile.most_at_once", _most);
        LoadCommands.Print("hostile.open_at_end", atEnd);
        LoadCommands.Print("hostile.gone_s", Stopwatch.GetElapsedTime(start).TotalSeconds);
        LoadCommands.Print("hostile.left", Volatile.Read(ref _open));
    }

    /// <summary>Opens one connection again and again.</summary>
    private async Task HoldAsync(int number)
    {
        HostileKind kind = HostileKind.All[number % HostileKind.All.Count];
        while (true)
        {
            await OpenAsync(kind, number);
            if (_over.Task.IsCompleted) return;
            await _reopen.WaitAsync();
            if (_over.Task.IsCompleted) return;
        }
    }

    private async Task OpenAsync(HostileKind kind, int number)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (fromManyAddresses) socket.Bind(new IPEndPoint(new IPAddress([127, 1, (byte)(number >> 8), (byte)(1 + (number % 250))]), 0));
            await socket.ConnectAsync(target);
        }
        catch (SocketException)
        {
            Interlocked.Increment(ref _failed);
            return;
        }

        Interlocked.Increment(ref _opened);
        int open = Interlocked.Increment(ref _open);
        for (int most = _most; open > most; most = _most) Interlocked.CompareExchange(ref _most, open, most);
        try
        {
            using var gone = new CancellationTokenSource();
            Task dripping = DripAsync(socket, kind, gone.Token);
            await DrainAsync(socket);
            await gone.CancelAsync();
            await dripping;
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    private static async Task DripAsync(Socket socket, HostileKind kind, CancellationToken gone)
    {
        try
        {
            if (kind.Opening.Length > 0) await socket.SendAsync(kind.Opening, gone);
            while (kind.Drip.Length > 0)
            {
                await socket.SendAsync(kind.Drip, gone);
                await Task.Delay(HostileKind.Interval, gone);
            }
        }
        catch (Exception end) when (end is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The relay has ended it, which is what DrainAsync sees too.
        }
    }

    /// <summary>
    /// Receives until the relay resets the connection. Where it ends only its own direction, to let its answer arrive, a byte is sent now and
    /// then until that fails: only then has the relay let go of it.
    /// </summary>
    private static async Task DrainAsync(Socket socket)
    {
        byte[] buffer = new byte[1024];
        try
        {
            while (await socket.ReceiveAsync(buffer) > 0) continue;
            while (true)
            {
                await socket.SendAsync(buffer.AsMemory(0, 1));
                await Task.Delay(ProbeInterval);
            }
        }
        catch (SocketException)
        {
            // Gone.
        }
    }
}
