namespace Ptth.Load.Soak;

/// <summary>What a process may hold when nothing is going on, beyond what it held after the warm-up.</summary>
internal static class ResourceBounds
{
    /// <summary>Ends of the pipes that splicing keeps for the next stream: 16 pipes, which a busy moment makes and which stay.</summary>
    public const int PooledPipeEnds = 32;

    /// <summary>Threads that the pool may still have from a busy moment: one for each processor, and the pool's own gate.</summary>
    public static readonly int Threads = Environment.ProcessorCount + 1;

    /// <summary>
    /// Resident KB: pools filled further than the warm-up did, and the fragmentation of the heap and of OpenSSL's memory. Over TLS a soak of
    /// 20 minutes levelled off 18 MB above its warm-up.
    /// </summary>
    public const long ResidentKb = 24 * 1024;

    /// <summary>What is over its bound, in words; empty where nothing is.</summary>
    /// <param name="start">What a process of this kind held when it had just started.</param>
    /// <param name="before">What it held after the warm-up.</param>
    /// <param name="now">What it holds.</param>
    public static IReadOnlyList<string> Over(ProcessFacts start, ProcessFacts before, ProcessFacts now)
    {
        var over = new List<string>();
        Check("sockets", now.Sockets, before.Sockets);
        Check("pipe ends", now.Pipes, Math.Max(before.Pipes, start.Pipes + PooledPipeEnds));
        Check("other files", now.OtherFiles, before.OtherFiles);
        Check("threads", now.Threads, before.Threads + Threads);
        Check("resident KB", now.ResidentKb, before.ResidentKb + ResidentKb);
        return over;

        void Check(string what, long value, long bound)
        {
            if (value > bound) over.Add($"{value} {what}, at most {bound}");
        }
    }
}
