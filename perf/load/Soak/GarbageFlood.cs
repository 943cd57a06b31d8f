using System.Net;
using System.Net.Sockets;

namespace Ptth.Load.Soak;

/// <summary>A flood of garbage connections at a bounded rate while a round runs.</summary>
internal sealed class GarbageFlood(IPEndPoint[] targets, int seed, Tally tally)
{
    private const int MaxOpen = 64;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(30);

    /// <summary>Beyond the relay's own time for a head, which is to end those that send half of one.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Random _random = new(seed);

    /// <summary>Goes on until <paramref name="over"/>, and waits for what it has opened.</summary>
    public async Task RunAsync(CancellationToken over)
    {
        using var free = new SemaphoreSlim(MaxOpen);
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

            (string kind, Func<Random, byte[]> make) = Garbage.Kinds[_random.Next(Garbage.Kinds.Count)];
            _ = ThrowAsync(kind, make(_random), targets[_random.Next(targets.Length)], _random.Next(8) == 0);
            await Task.Delay(Pause, CancellationToken.None);
        }

        for (int i = 0; i < MaxOpen; i++) await free.WaitAsync(CancellationToken.None);

        async Task ThrowAsync(string kind, byte[] bytes, IPEndPoint target, bool leavesAtOnce)
        {
            using var socket = new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            string? wrong = await Garbage.ThrowAsync(socket, target, bytes, leavesAtOnce, Patience);
            tally.Count($"garbage: {kind}");
            if (wrong is not null) tally.Fail($"garbage ({kind}) at {target}: {wrong}");
            free.Release();
        }
    }
}
