using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Ptth.Load;

/// <summary>Round trips of one message, one after the other on one connection.</summary>
internal static class LatencyLoad
{
    private const int MaxRoundTrips = 10_000;
    private const int WarmUpRoundTrips = 500;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Measures and prints, under that name.</summary>
    public static void Run(IPEndPoint target, TimeSpan time, string name)
    {
        using Socket socket = Dialer.Connect(target, Patience);
        byte[] message = Dialer.Message(0);
        for (int i = 0; i < WarmUpRoundTrips; i++) RoundTrip(socket, message);

        var times = new Percentiles(MaxRoundTrips);
        long start = Stopwatch.GetTimestamp();
        while (times.Count < MaxRoundTrips && Stopwatch.GetElapsedTime(start) < time)
        {
            long sent = Stopwatch.GetTimestamp();
            RoundTrip(socket, message);
            times.Add(Stopwatch.GetElapsedTime(sent));
        }

        LoadCommands.Print($"{name}.p50_us", times.At(0.5).TotalMicroseconds);
        LoadCommands.Print($"{name}.p99_us", times.At(0.99).TotalMicroseconds);
    }

    private static void RoundTrip(Socket socket, byte[] message)
    {
        if (!Dialer.Echo(socket, message)) throw new InvalidOperationException("The echo was not what was sent.");
    }
}
