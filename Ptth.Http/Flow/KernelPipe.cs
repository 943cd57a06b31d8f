using System.Collections.Concurrent;

namespace Ptth.Http.Flow;

/// <summary>
/// A kernel pipe that bytes pass through on their way from one socket to another. Rented only while bytes are in it; the number of
/// all that exist is bounded, since each pins up to its capacity of kernel memory while a receiver is slow.
/// </summary>
internal sealed class KernelPipe
{
    /// <summary>
    /// The capacity that is asked for, bytes: what an unprivileged process may have (/proc/sys/fs/pipe-max-size), and measurably
    /// cheaper per byte than 256 KiB.
    /// </summary>
    private const int WantedBytes = 1024 * 1024;

    /// <summary>The least capacity that is worth splicing through; below it copying is cheaper.</summary>
    private const int LeastBytes = 128 * 1024;

    /// <summary>
    /// The most pipes at once: 16 MiB of kernel memory at the worst, a quarter of what one user's pipes may hold
    /// (/proc/sys/fs/pipe-user-pages-soft). Flows that get none copy.
    /// </summary>
    private const int MaxPipes = 16;

    private static readonly ConcurrentStack<KernelPipe> Pool = new();
    private static int _existing;

    private readonly int _readEnd;
    private readonly int _writeEnd;

    private KernelPipe(int readEnd, int writeEnd, int capacityBytes)
    {
        _readEnd = readEnd;
        _writeEnd = writeEnd;
        CapacityBytes = capacityBytes;
    }

    /// <summary>Whether this system can splice and the user has not turned it off (<c>PTTH_SPLICE=0</c>).</summary>
    public static bool IsEnabled { get; } =
        OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable("PTTH_SPLICE") != "0" && LinuxSplice.IsAvailable();

    /// <summary>How many pipes exist.</summary>
    public static int Existing => Volatile.Read(ref _existing);

    /// <summary>How many of them wait to be rented.</summary>
    public static int Pooled => Pool.Count;

    /// <summary>How much it holds at most.</summary>
    public int CapacityBytes { get; }

    /// <summary>
    /// How much of so many bytes is moved at once through a pipe: all where it holds them, and else seven eighths of what it holds. So a
    /// piece goes through the next party's pipe whole, with the length of a record in front of it, and although pages that are not full
    /// take the room of full ones there. What did not fit would be a small piece by itself, which costs as much as a large one.
    /// </summary>
    public static int PieceOf(long bytes, int capacityBytes) => bytes <= capacityBytes ? (int)bytes : capacityBytes - (capacityBytes / 8);

    /// <summary>The end that is spliced from.</summary>
    public int ReadEnd => _readEnd;

    /// <summary>The end that is spliced into.</summary>
    public int WriteEnd => _writeEnd;

    /// <summary>Takes a pipe from the pool, or makes one; null where none is to be had.</summary>
    public static KernelPipe? TryRent()
    {
        if (Pool.TryPop(out KernelPipe? pooled)) return pooled;
        if (Interlocked.Increment(ref _existing) <= MaxPipes
            && LinuxSplice.TryMakePipe(WantedBytes, out int readEnd, out int writeEnd, out int capacity))
        {
            var made = new KernelPipe(readEnd, writeEnd, capacity);
            // The kernel gives less than asked for, or one page, to a user who has many pipes.
            if (capacity >= LeastBytes) return made;
            made.Close();
        }

        Interlocked.Decrement(ref _existing);
        return null;
    }

    /// <summary>Gives it back: to the pool where it is empty, otherwise it is closed with what is in it.</summary>
    public void Return(bool isEmpty)
    {
        if (isEmpty)
        {
            Pool.Push(this);
            return;
        }

        Close();
        Interlocked.Decrement(ref _existing);
    }

    private void Close()
    {
        LinuxSplice.CloseEnd(_readEnd);
        LinuxSplice.CloseEnd(_writeEnd);
    }
}
