using System.Runtime.CompilerServices;
using Ptth.Http.Transport;

namespace Ptth.Tests.Support;

/// <summary>Looks into a ticker.</summary>
internal static class InProcessTicker
{
    /// <summary>What it asks of that type.</summary>
    public static T[] ItemsOf<T>(this Ticker ticker)
    {
        lock (LockOf(ticker)) return [.. Items(ticker).OfType<T>()];
    }

    /// <summary>Waits until it asks nothing any more.</summary>
    public static Task UntilEmptyAsync(this Ticker ticker) =>
        InProcessWait.UntilAsync(() => ticker.Count == 0, "no item is left in the ticker", CancellationToken.None);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_items")]
    private static extern ref HashSet<ITicked> Items(Ticker ticker);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_lock")]
    private static extern ref Lock LockOf(Ticker ticker);
}
