using System.Net;
using System.Net.Sockets;

namespace Ptth.Load.Soak;

/// <summary>Opens tunnels through a chain, judges them, and knows how many are open.</summary>
/// <param name="book">Where the service finds them.</param>
/// <param name="disturbances">When they may break.</param>
/// <param name="tally">Where they are counted.</param>
/// <param name="bound">How long a tunnel may take before it counts as stuck.</param>
/// <param name="newSocket">Makes the client's sockets.</param>
internal sealed class TunnelLoad(TunnelBook book, Disturbances disturbances, Tally tally, TimeSpan bound, Func<Socket> newSocket)
{
    private const int MaxOpen = 48;
    private const int MaxBurst = 60;
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(25);

    private int _open;
    private long _connected;

    /// <summary>How many tunnels are open.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>How many connections a client-side proxy has taken so far.</summary>
    public long Connected => Interlocked.Read(ref _connected);

    /// <summary>A socket for a tunnel's client.</summary>
    public static Socket NewSocket() => new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    /// <summary>Opens tunnels until <paramref name="over"/>, and waits for the end of all.</summary>
    public async Task RunAsync(IPEndPoint forward, PlanMaker plans, CancellationToken over)
    {
        using var free = new SemaphoreSlim(MaxOpen);
        var bursts = new List<Task>();
        while (!over.IsCancellationRequested)
        {
            try
            {
                await free.WaitAsync(over);
            }
            catch (OperationCanceledException)
            {
                break;
            }

            _ = RunAndReleaseAsync(plans.Next());
            for (int i = plans.NextBurst(MaxBurst); i > 0; i--) bursts.Add(RunOneAsync(forward, plans.Next(TunnelKind.Short)));
            await Task.Delay(LongestPause * plans.NextShare(), CancellationToken.None);
        }

        for (int i = 0; i < MaxOpen; i++) await free.WaitAsync(CancellationToken.None);
        await Task.WhenAll(bursts);

        async Task RunAndReleaseAsync(TunnelPlan plan)
        {
            await RunOneAsync(forward, plan);
            free.Release();
        }
    }

    /// <summary>Opens one tunnel and waits for its end; it is counted.</summary>
    public async Task<TunnelVerdict> RunOneAsync(IPEndPoint forward, TunnelPlan plan)
    {
        var run = new TunnelRun(plan, disturbances, bound);
        book.Add(run);
        Interlocked.Increment(ref _open);
        TunnelVerdict verdict = await run.RunAsync(newSocket(), forward);
        Interlocked.Decrement(ref _open);
        if (verdict.Client.Outcome != Outcome.Refused) Interlocked.Increment(ref _connected);
        tally.Add(verdict);
        return verdict;
    }
}
