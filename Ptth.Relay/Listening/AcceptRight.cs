using Microsoft.Extensions.Logging;
using Ptth.Common.Hosting;
using Ptth.Relay.Configuration;

namespace Ptth.Relay.Listening;

/// <summary>
/// The right to accept from inherited sockets, which a predecessor that drains may still share: the requests of tunnels that are half
/// made have to come to it, since nobody else knows their IDs. It is a lock on the sockets, which the predecessor has until it hands over.
/// </summary>
internal static class AcceptRight
{
    /// <summary>A predecessor hands over within some round trips; looking costs one call.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

    /// <summary>Below the time that service managers give a start.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    /// <summary>How long a predecessor may take until it has handed over: its half-made tunnels have these two time-outs, and a bit.</summary>
    public static TimeSpan Bound(RelayTimeouts timeouts)
    {
        if (timeouts.Accept == Timeout.InfiniteTimeSpan || timeouts.Attach == Timeout.InfiniteTimeSpan) return Longest;
        TimeSpan bound = timeouts.Accept + timeouts.Attach + TimeSpan.FromSeconds(5);
        return bound < Longest ? bound : Longest;
    }

    /// <summary>Waits for the right on all of the sockets, and keeps it until they are closed.</summary>
    /// <param name="sockets">The sockets; without any there is nothing to wait for.</param>
    /// <param name="bound">After that long there is no more waiting.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Is told that there is a wait, and that it was in vain.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public static async Task WaitAsync(
        IReadOnlyList<InheritedSocket> sockets, TimeSpan bound, TimeProvider time, ILogger logger, CancellationToken cancellation)
    {
        long start = time.GetTimestamp();
        bool isTold = false;
        foreach (InheritedSocket socket in sockets)
        {
            while (!SocketLock.TryTake(socket.Socket))
            {
                if (!isTold) RelayLog.WaitingForPredecessor(logger);
                isTold = true;
                if (time.GetElapsedTime(start) >= bound)
                {
                    RelayLog.PredecessorStays(logger, bound.TotalSeconds);
                    return;
                }

                await Task.Delay(Interval, time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (cancellation.IsCancellationRequested) return;
            }
        }
    }
}
