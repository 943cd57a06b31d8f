using System.Diagnostics;

namespace Ptth.Tests.Support;

/// <summary>Waits for what no event tells, such as another process's open files: looks again every 20 ms.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    /// <summary>Waits until <paramref name="condition"/> holds.</summary>
    /// <exception cref="TimeoutException">It did not within the bound.</exception>
    public static Task HoldsAsync(Func<bool> condition, Func<string> what, TimeSpan within, CancellationToken token) =>
        HoldsAsync(() => Task.FromResult(condition()), what, within, token);

    /// <summary>Waits until <paramref name="condition"/> holds.</summary>
    /// <exception cref="TimeoutException">It did not within the bound.</exception>
    public static async Task HoldsAsync(Func<Task<bool>> condition, Func<string> what, TimeSpan within, CancellationToken token)
    {
        var clock = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(Interval);
        while (!await condition())
        {
            if (clock.Elapsed > within)
                throw new TimeoutException($"not within {within.TotalSeconds} s: {what()}");
            await timer.WaitForNextTickAsync(token);
        }
    }

    /// <summary>
    /// Waits until a number has kept its value for a while: at each look within it, since time alone also passes while the whole machine
    /// stands still.
    /// </summary>
    /// <returns>The number.</returns>
    public static async Task<long> SettlesAsync(Func<long> number, string what, TimeSpan still, CancellationToken token)
    {
        var last = number();
        var looks = 0;
        await HoldsAsync(
            () =>
            {
                var now = number();
                if (now != last)
                {
                    last = now;
                    looks = 0;
                }

                return looks++ >= still / Interval;
            },
            () => $"{what} settles; last {last}",
            TimeSpan.FromSeconds(20),
            token);
        return last;
    }
}
