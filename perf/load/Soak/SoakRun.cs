using System.Diagnostics;

namespace Ptth.Load.Soak;

/// <summary>
/// A soak: a warm-up; a long stretch in which nothing is killed and every tunnel has to go as planned; one in which proxies are killed,
/// while the relay stays; one in which the relay is. The chains take turns, round by round; after each round the parties must come to rest.
/// </summary>
internal sealed class SoakRun : IDisposable
{
    private const double WarmUpShare = 0.1;
    private const double SteadyShare = 0.5;
    private const double ProxiesShare = 0.2;
    private const double RelayShare = 0.2;
    private const int RoundsOfMost = 20;

    private static readonly TimeSpan ShortestRound = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LongestTunnel = TimeSpan.FromSeconds(12);

    // The longest planned tunnels take a fraction of it.
    private static readonly TimeSpan TunnelBound = TimeSpan.FromSeconds(100);

    private static readonly TimeSpan LongestCalm = TimeSpan.FromSeconds(6);

    // What follows an end, at the other side of a tunnel and in a log, on a busy machine.
    private static readonly TimeSpan FollowBound = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FollowInterval = TimeSpan.FromMilliseconds(50);

    private readonly SoakOptions _options;
    private readonly TunnelBook _book = new();
    private readonly FarService _service;
    private readonly PlanMaker _plans;
    private readonly TimeSpan _round;
    private readonly TimeSpan _calm;
    private int _rounds;

    private SoakRun(SoakOptions options)
    {
        _options = options;
        TimeSpan round = options.Time / RoundsOfMost;
        _round = round > ShortestRound ? round : ShortestRound;
        _calm = Least(_round / 2, LongestCalm);
        _plans = new PlanMaker(options.Seed, Least(_round / 2, LongestTunnel));
        Parties = [.. options.Parties.Select(spec => new Party(spec, options.Executables, options.Logs, Tally))];
        Load = new TunnelLoad(_book, Disturbances, Tally, TunnelBound, TunnelLoad.NewSocket);
        Chaos = new Chaos(Disturbances, Load, Tally, options.Seed);
        Watch = new ResourceWatch(Parties, Tally);
        _service = new FarService(FarService.Bind(options.Service), _book, Tally);
    }

    /// <summary>What has been counted.</summary>
    public Tally Tally { get; } = new();

    /// <summary>What the parties held.</summary>
    public ResourceWatch Watch { get; }

    /// <summary>Who killed them.</summary>
    public Chaos Chaos { get; }

    /// <summary>How long all of it took.</summary>
    public TimeSpan Taken { get; private set; }

    private Party[] Parties { get; }

    private TunnelLoad Load { get; }

    private Disturbances Disturbances { get; } = new();

    /// <summary>Runs one to its end.</summary>
    public static async Task<SoakRun> RunAsync(SoakOptions options, CancellationToken token)
    {
        var run = new SoakRun(options);
        // Nothing goes on beyond that, whatever is being waited for.
        using CancellationTokenRegistration ended = token.Register(run.KillParties);
        try
        {
            await run.RunAsync(token);
            return run;
        }
        finally
        {
            run.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Party party in Parties) party.Dispose();
        _service.Dispose();
    }

    private static TimeSpan Least(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private void KillParties()
    {
        foreach (Party party in Parties) party.KillForGood();
    }

    private async Task RunAsync(CancellationToken token)
    {
        long start = Stopwatch.GetTimestamp();
        foreach (Party party in Parties) await party.StartAsync();
        await Watch.NoteStartAsync(token);
        foreach (Chain chain in _options.Chains) await RoundAsync("warm-up", chain, _options.Time * WarmUpShare / _options.Chains.Length, [], token);
        await Watch.NoteWarmAsync(token);

        await StageAsync("steady", SteadyShare, static (_, _) => false, token);
        await CheckTunnelsLoggedAsync(token);
        await StageAsync("proxies killed", ProxiesShare, static (party, chain) => chain.Uses(party.Spec), token);
        await StageAsync("relay killed", RelayShare, static (party, _) => party.Spec.Kind == "relay", token);

        foreach (Party party in Parties.Reverse()) await party.StopAsync();
        Taken = Stopwatch.GetElapsedTime(start);
    }

    private async Task StageAsync(string name, double share, Func<Party, Chain, bool> isVictim, CancellationToken token)
    {
        TimeSpan left = _options.Time * share;
        int rounds = Math.Max(1, (int)(left / _round));
        for (int i = 0; i < rounds; i++)
        {
            Chain chain = _options.Chains[_rounds++ % _options.Chains.Length];
            await RoundAsync(name, chain, left / rounds, [.. Parties.Where(party => isVictim(party, chain))], token);
            await Watch.CheckAsync($"{name} {i + 1}, {chain.Name}", token);
        }
    }

    private async Task RoundAsync(string name, Chain chain, TimeSpan time, IReadOnlyList<Party> victims, CancellationToken token)
    {
        Console.Error.WriteLine($"{DateTime.UtcNow:HH:mm:ss} {name}, {chain.Name}, {time.TotalSeconds:0} s");
        using var over = CancellationTokenSource.CreateLinkedTokenSource(token);
        over.CancelAfter(time);
        var flood = new GarbageFlood(_options.RelayPorts, _options.Seed + _rounds, Tally);
        List<Task> work = [Load.RunAsync(chain.Forward, _plans, over.Token), flood.RunAsync(over.Token)];
        if (victims.Count > 0) work.Add(Chaos.RunAsync(chain, victims, _calm, over.Token));
        await Task.WhenAll(work);
        token.ThrowIfCancellationRequested();
        if (!await FollowsAsync(() => _service.Open == 0, token)) Tally.Fail($"{name}, {chain.Name}: {_service.Open} connections are still open at the service");
    }

    // Each connection that a client-side proxy took ends with one line in its log.
    private async Task CheckTunnelsLoggedAsync(CancellationToken token)
    {
        if (!await FollowsAsync(() => Logged() == Load.Connected, token)) Tally.Fail($"the client-side proxies logged the end of {Logged()} tunnels, {Load.Connected} were opened");

        int Logged() => Parties.Where(static party => party.Spec.Kind == "client").Sum(static party => party.TunnelsEnded);
    }

    /// <summary>Waits until something is so; false where it is not in time.</summary>
    private static async Task<bool> FollowsAsync(Func<bool> condition, CancellationToken token)
    {
        for (long start = Stopwatch.GetTimestamp(); !condition(); await Task.Delay(FollowInterval, token))
        {
            if (Stopwatch.GetElapsedTime(start) > FollowBound) return false;
        }

        return true;
    }
}
