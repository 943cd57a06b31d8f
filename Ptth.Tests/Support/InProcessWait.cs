using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;

namespace Ptth.Tests.Support;

/// <summary>Waits for a state of this process that no event tells.</summary>
internal static class InProcessWait
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Waits for what the code under test does, and goes on in the thread pool: not within the very call that completed it, on a
    /// thread that completes socket operations.
    /// </summary>
    public static async Task<T> ComesAsync<T>(this Task<T> task, CancellationToken token)
    {
        T result = await task.WaitAsync(token);
        await Task.Yield();
        return result;
    }

    /// <inheritdoc cref="ComesAsync{T}"/>
    public static async Task ComesAsync(this Task task, CancellationToken token)
    {
        await task.WaitAsync(token);
        await Task.Yield();
    }

    /// <summary>Moves the clock, step by step, until something is over that may begin to wait for it at any time.</summary>
    /// <returns>How far.</returns>
    /// <exception cref="TimeoutException">It was not over.</exception>
    public static async Task<TimeSpan> AdvanceUntilAsync(this FakeTimeProvider time, Task over, TimeSpan step, string what, CancellationToken token)
    {
        TimeSpan moved = TimeSpan.Zero;
        await UntilAsync(
            () =>
            {
                if (over.IsCompleted) return true;
                time.Advance(step);
                moved += step;
                return false;
            },
            what,
            token);
        return moved;
    }

    /// <summary>Waits until <paramref name="condition"/> holds.</summary>
    /// <exception cref="TimeoutException">It did not.</exception>
    public static async Task UntilAsync(Func<bool> condition, string what, CancellationToken token)
    {
        long start = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(Interval);
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(start) > Bound) throw new TimeoutException($"not so within {Bound.TotalSeconds} s: {what}");
            await timer.WaitForNextTickAsync(token);
        }
    }
}
