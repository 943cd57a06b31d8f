using System.Collections.Concurrent;
using Ptth.Http.Transport;

namespace Ptth.Http.Flow;

/// <summary>
/// What a flow needs while bytes move, and gives back before it waits: a buffer with room for framing around the data, and the
/// operation that sends what lies in it.
/// </summary>
/// <code>
///   0            Headroom                                 Headroom + DataBytes, or SmallDataBytes
///   ┌────────────┬────────────────────────────────────────┬──────────┐
///   │ size line  │ data as received                       │ CRLF     │
///   └────────────┴────────────────────────────────────────┴──────────┘
/// </code>
internal sealed class FlowScratch
{
    /// <summary>Room in front of the data for a chunk's size line (at most 10 bytes).</summary>
    public const int Headroom = 16;

    /// <summary>
    /// Bytes received at a time. Half of it costs a tenth more CPU per byte, twice as much gains nothing that could be measured.
    /// </summary>
    public const int DataBytes = 64 * 1024;

    /// <summary>The same where many flows hold a buffer, because their destinations do not keep up.</summary>
    public const int SmallDataBytes = 8 * 1024;

    /// <summary>How many have the full size at once: 16 MiB. A thousand tunnels whose receivers all stand still would hold 128 MiB.</summary>
    private const int MaxLarge = 256;

    /// <summary>Room behind the data for a chunk's CRLF.</summary>
    private const int Tailroom = 8;

    /// <summary>How many are kept for the next flow: 2 MiB at most. With more flows busy at once the rest are left to the collector.</summary>
    private const int MaxPooled = 32;

    private static readonly ConcurrentQueue<FlowScratch> Pool = new();
    private static int _pooled;
    private static int _large;

    private FlowScratch(int dataBytes) => Buffer = GC.AllocateUninitializedArray<byte>(Headroom + dataBytes + Tailroom);

    /// <summary>The whole buffer.</summary>
    public byte[] Buffer { get; }

    /// <summary>The part that is received into: <see cref="DataBytes"/> long, or <see cref="SmallDataBytes"/>.</summary>
    public Memory<byte> Data => Buffer.AsMemory(Headroom, Buffer.Length - Headroom - Tailroom);

    private bool IsLarge => Buffer.Length > Headroom + SmallDataBytes + Tailroom;

    /// <summary>What is to be sent.</summary>
    public GatherList Gather { get; } = new();

    /// <summary>The first byte of the buffer that no segment covers and no data needs any longer, up to the data not yet framed.</summary>
    public int FreeFrom { get; set; }

    /// <summary>Takes one from the pool, or makes one.</summary>
    public static FlowScratch Rent()
    {
        if (Interlocked.Increment(ref _large) > MaxLarge)
        {
            Interlocked.Decrement(ref _large);
            return new FlowScratch(SmallDataBytes);
        }

        if (!Pool.TryDequeue(out FlowScratch? scratch)) return new FlowScratch(DataBytes);
        Interlocked.Decrement(ref _pooled);
        return scratch;
    }

    /// <summary>Gives it back. No operation may be using it.</summary>
    public void Return()
    {
        Gather.Clear();
        FreeFrom = 0;
        if (!IsLarge)
        {
            Gather.Dispose();
            return;
        }

        Interlocked.Decrement(ref _large);
        if (Interlocked.Increment(ref _pooled) <= MaxPooled)
        {
            Pool.Enqueue(this);
            return;
        }

        Interlocked.Decrement(ref _pooled);
        Gather.Dispose();
    }
}
