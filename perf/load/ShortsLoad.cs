using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Ptth.Load;

/// <summary>Short tunnels: connect, one echo, close; several at once.</summary>
internal static class ShortsLoad
{
    // As many as leave local ports for the next chain: a closed connection keeps its own for a while.
    private const int MaxTunnels = 20_000;
    private const int WarmUpTunnels = 10;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Measures and prints.</summary>
    public static void Run(IPEndPoint target, int concurrency, TimeSpan time)
    {
        Dialer.RunThreads(concurrency, number =>
        {
            for (int i = 0; i < WarmUpTunnels; i++) TryTunnel(target, Dialer.Message(number));
        });

        var times = new Percentiles(MaxTunnels);
        var adding = new Lock();
        int begun = 0, errors = 0;
        long start = Stopwatch.GetTimestamp();
        Dialer.RunThreads(concurrency, number =>
        {
            byte[] message = Dialer.Message(number);
            while (Stopwatch.GetElapsedTime(start) < time && Interlocked.Increment(ref begun) <= MaxTunnels)
            {
                long opened = Stopwatch.GetTimestamp();
                if (!TryTunnel(target, message))
                {
                    Interlocked.Increment(ref errors);
                    continue;
                }

                TimeSpan taken = Stopwatch.GetElapsedTime(opened);
                lock (adding) times.Add(taken);
            }
        });
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);

        LoadCommands.Print("shorts.per_s", times.Count / elapsed.TotalSeconds);
        LoadCommands.Print("shorts.p99_ms", times.At(0.99).TotalMilliseconds);
        LoadCommands.Print("errors", errors);
    }

    private static bool TryTunnel(IPEndPoint target, byte[] message)
    {
        try
        {
            using Socket socket = Dialer.Connect(target, Patience);
            return Dialer.Echo(socket, message);
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
