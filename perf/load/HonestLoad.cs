using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Ptth.Load;

/// <summary>
/// Tunnels that send as fast as the chain takes it, each a stream of its own bytes which both ends hash. What the window moved is
/// measured; afterwards each stream is ended, and number and hash of what arrived are compared with what was sent.
/// </summary>
internal sealed class HonestLoad : IDisposable
{
    private const int SendBytes = 64 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(0.5);

    private readonly Socket[] _sockets;
    private readonly long[] _sent;
    private volatile bool _stopping;
    private int _errors;

    private HonestLoad(IPEndPoint target, int tunnels)
    {
        _sockets = new Socket[tunnels];
        _sent = new long[tunnels];
        for (int i = 0; i < tunnels; i++) _sockets[i] = Dialer.Connect(target, Patience);
    }

    /// <summary>Measures and prints.</summary>
    public static void Run(IPEndPoint target, int tunnels, TimeSpan time)
    {
        using var load = new HonestLoad(target, tunnels);
        var sending = new Thread(() => Dialer.RunThreads(tunnels, load.Send));
        sending.Start();
        Thread.Sleep(WarmUp);
        long before = load.Sent();
        long start = Stopwatch.GetTimestamp();
        Thread.Sleep(time);
        long bytes = load.Sent() - before;
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        load._stopping = true;
        sending.Join();
        LoadCommands.Print("honest.gbit", bytes * 8 / 1e9 / elapsed.TotalSeconds);
        LoadCommands.Print("honest.errors", load._errors);
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
        byte[] payload = new byte[SendBytes];
        new Random(number).NextBytes(payload);
        payload[0] = Service.Hash;
        var hash = new RollingHash();
        try
        {
            do
            {
                socket.Send(payload);
                hash.Add(payload);
                Volatile.Write(ref _sent[number], hash.Bytes);
                // No two pieces of a stream are the same, and none begins another stream.
                BinaryPrimitives.WriteInt64LittleEndian(payload.AsSpan(sizeof(long)), hash.Bytes);
            }
            while (!_stopping);

            socket.Shutdown(SocketShutdown.Send);
            Span<byte> answer = stackalloc byte[2 * sizeof(long)];
            bool isWhole = Dialer.TryFill(socket, answer)
                && BinaryPrimitives.ReadInt64BigEndian(answer) == hash.Bytes
                && BinaryPrimitives.ReadUInt64BigEndian(answer[sizeof(long)..]) == hash.Value();
            if (!isWhole) Interlocked.Increment(ref _errors);
        }
        catch (SocketException)
        {
            Interlocked.Increment(ref _errors);
        }
    }
}
