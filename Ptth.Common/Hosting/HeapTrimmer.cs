namespace Ptth.Common.Hosting;

/// <summary>
/// Gives memory back to the system after a busy time. The collector runs only when something is allocated, so that what a flood or many
/// slow readers leave behind would otherwise stay resident for as long as the program then rests.
/// </summary>
/// <remarks>
/// A collection stops all threads for some milliseconds. So it waits for a quiet moment, and for enough garbage to be worth it; bytes that
/// flow allocate nothing and are no noise.
/// </remarks>
public sealed class HeapTrimmer : IDisposable
{
    /// <summary>What may be allocated in one <see cref="Period"/> that still counts as quiet, bytes: some fifty short tunnels a second.</summary>
    public const long QuietBytes = 8 * 1024 * 1024;

    /// <summary>What has to have been allocated since the last collection of this kind, bytes.</summary>
    public const long WorthwhileBytes = 16 * 1024 * 1024;

    /// <summary>How often it looks. Two quiet ones have to follow each other: the relay remembers failed tunnels, and what they still hold, for 10 s.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    private readonly Func<long> _allocatedBytes;
    private readonly Action _collect;
    private readonly ITimer _timer;
    private long _lastBytes;
    private long _trimmedAtBytes;
    private bool _isQuiet;

    /// <summary>Looks after this process's heap until it is disposed.</summary>
    public HeapTrimmer(TimeProvider time) : this(time, static () => GC.GetTotalAllocatedBytes(), Collect)
    {
    }

    /// <summary>Looks after a heap.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="allocatedBytes">How much has been allocated on it so far.</param>
    /// <param name="collect">Collects, and gives the free part back.</param>
    internal HeapTrimmer(TimeProvider time, Func<long> allocatedBytes, Action collect)
    {
        ArgumentNullException.ThrowIfNull(time);
        _allocatedBytes = allocatedBytes;
        _collect = collect;
        _lastBytes = _trimmedAtBytes = allocatedBytes();
        _timer = time.CreateTimer(static state => ((HeapTrimmer)state!).Look(), this, Period, Period);
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private static void Collect()
    {
        // Closed sockets hold their last buffer until they have been finalized.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        // What is free afterwards goes back to the system at once, rather than little by little with later collections.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        NativeHeap.Trim();
    }

    private void Look()
    {
        long now = _allocatedBytes();
        bool wasQuiet = _isQuiet;
        _isQuiet = now - _lastBytes <= QuietBytes;
        _lastBytes = now;
        if (!wasQuiet || !_isQuiet || now - _trimmedAtBytes < WorthwhileBytes) return;
        _trimmedAtBytes = now;
        _collect();
    }
}
