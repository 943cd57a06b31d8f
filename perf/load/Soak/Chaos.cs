using System.Diagnostics;

namespace Ptth.Load.Soak;

/// <summary>Kills parties, or asks them to end, starts them again, and sees that tunnels work again.</summary>
internal sealed class Chaos(Disturbances disturbances, TunnelLoad load, Tally tally, int seed)
{
    /// <summary>How long the way may take to work again once all of its parties say that they are ready.</summary>
    private static readonly TimeSpan ReturnBound = TimeSpan.FromSeconds(40);

    private static readonly TimeSpan LongestAway = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan ProbePause = TimeSpan.FromMilliseconds(50);

    private readonly Random _random = new(seed);
    private readonly PlanMaker _probes = new(seed, TimeSpan.FromSeconds(1));

    /// <summary>The longest time from a party's return to the first tunnel that worked.</summary>
    public TimeSpan LongestReturn { get; private set; }

    /// <summary>Goes on until <paramref name="over"/>; all parties are there at the end.</summary>
    /// <param name="chain">The way that is used meanwhile.</param>
    /// <param name="victims">Who is killed, in turn.</param>
    /// <param name="calm">How long at most nothing is done in between.</param>
    /// <param name="over">When to stop.</param>
    public async Task RunAsync(Chain chain, IReadOnlyList<Party> victims, TimeSpan calm, CancellationToken over)
    {
        for (int turn = _random.Next(victims.Count); !over.IsCancellationRequested; turn = (turn + 1) % victims.Count)
        {
            try
            {
                await Task.Delay(calm * (0.3 + (0.7 * _random.NextDouble())), over);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await StrikeAsync(chain, victims[turn]);
        }
    }

    private async Task StrikeAsync(Chain chain, Party victim)
    {
        disturbances.Begin();
        bool isKill = _random.Next(3) > 0;
        if (isKill) await victim.KillAsync();
        else await victim.StopAsync();
        tally.Count($"{victim.Spec.Name} {(isKill ? "killed" : "drained and ended")}, started again");
        await Task.Delay(LongestAway * _random.NextDouble());
        await victim.StartAsync();
        long back = Stopwatch.GetTimestamp();
        while ((await load.RunOneAsync(chain.Forward, _probes.Next(TunnelKind.Short))).Client.Outcome != Outcome.Clean)
        {
            if (Stopwatch.GetElapsedTime(back) > ReturnBound)
            {
                tally.Fail($"no tunnel works {ReturnBound.TotalSeconds} s after the return of {victim.Spec.Name}");
                break;
            }

            await Task.Delay(ProbePause);
        }

        TimeSpan taken = Stopwatch.GetElapsedTime(back);
        if (taken > LongestReturn) LongestReturn = taken;
        disturbances.End();
    }
}
