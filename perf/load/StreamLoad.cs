using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Ptth.Load;

/// <summary>
/// Streams that send as fast as the chain takes it. Bytes and CPU time are read at the two ends of a window in mid-stream; afterwards
/// each stream is ended, and the number of bytes that arrived is compared with the number sent.
/// </summary>
internal sealed class StreamLoad : IDisposable
{
    private const int SendBytes = 256 * 1024;
    private const double BytesPerGigabyte = 1e9;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan LongestWarmUp = TimeSpan.FromSeconds(0.5);

    private readonly byte[] _payload = new byte[SendBytes];
    private readonly Socket[] _sockets;
    private readonly long[] _sent;
    private volatile bool _stopping;
    private int _errors;

    private StreamLoad(IPEndPoint target, int streams)
    {
        _payload.AsSpan().Fill(Service.Discard);
        _sockets = new Socket[streams];
        _sent = new long[streams];
        for (int i = 0; i < streams; i++) _sockets[i] = Dialer.Connect(target, Patience);
    }

    /// <summary>Measures and prints.</summary>
    public static void Run(IPEndPoint target, int streams, TimeSpan time, ProcessGroups groups)
    {
        using var load = new StreamLoad(target, streams);
        var sending = new Thread(() => Dialer.RunThreads(streams, load.Send));
        sending.Start();
        Thread.Sleep(time < LongestWarmUp ? time : LongestWarmUp);

        Dictionary<string, double> cpuBefore = groups.CpuSeconds();
        long bytesBefore = load.Sent();
        long start = Stopwatch.GetTimestamp();
        Thread.Sleep(time);
        Dictionary<string, double> cpuAfter = groups.CpuSeconds();
        long bytes = load.Sent() - bytesBefore;
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);

        load._stopping = true;
        sending.Join();
        LoadCommands.Print($"gbit.{streams}", bytes * 8 / 1e9 / elapsed.TotalSeconds);
        foreach ((string name, double seconds) in cpuAfter)
            LoadCommands.Print($"cpu.{streams}.{name}", (seconds - cpuBefore[name]) / (bytes / BytesPerGigabyte));
        LoadCommands.Print("errors", load._errors);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Socket socket in _sockets) socket.Dispose();
    }

    private long Sent()
    {
        long sum = 0;
        for (int i = 0; i < _sent.Length; i++) sum += Volatile.Read(ref _sent[i]);
        return sum;
    }

    private void Send(int number)
    {
        Socket socket = _sockets[number];
        try
        {
            do
            {
                int sent = socket.Send(_payload);
                Volatile.Write(ref _sent[number], _sent[number] + sent);
            }
            while (!_stopping);

            socket.Shutdown(SocketShutdown.Send);
            Span<byte> count = stackalloc byte[sizeof(long)];
            bool isWhole = Dialer.TryFill(socket, count) && BinaryPrimitives.ReadInt64BigEndian(count) == _sent[number];
            if (!isWhole) Interlocked.Increment(ref _errors);
        }
        catch (SocketException)
        {
            Interlocked.Increment(ref _errors);
        }
    }
}
