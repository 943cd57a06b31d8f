using System.Diagnostics;

namespace Ptth.Tests.Support;

/// <summary>Waits for a state of this process that no event tells.</summary>
internal static class InProcessWait
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(15);

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
