using System.Diagnostics;
using Ptth.Load.Soak;

namespace Ptth.Load.Faults;

/// <summary>Three hosts with a relay in the middle: what is done to the cables, and what becomes of the tunnels.</summary>
internal sealed class FaultRun : IDisposable
{
    private const int Seed = 1;

    /// <summary>
    /// A host that no packet comes from is given up after 52 s, 20 s at rest and four probes 8 s apart, which the kernel's timers may
    /// make an eighth longer; then a while for what follows.
    /// </summary>
    private static readonly TimeSpan SilenceBound = TimeSpan.FromSeconds(65);

    /// <summary>How long a tunnel may take in all: the longest silence, and its own time.</summary>
    private static readonly TimeSpan TunnelBound = TimeSpan.FromSeconds(200);

    /// <summary>How long after the fault a tunnel must work again.</summary>
    private static readonly TimeSpan ReturnBound = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan ShortPull = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LongPull = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan ProbePause = TimeSpan.FromMilliseconds(100);

    private readonly FaultOptions _options;
    private readonly Disturbances _disturbances = new();
    private readonly TunnelBook _book = new();
    private readonly PlanMaker _plans = new(Seed, TimeSpan.FromSeconds(6));
    private readonly Network _network;
    private readonly Party[] _parties;
    private readonly FarService _service;
    private readonly TunnelLoad _load;
    private readonly List<string> _notes = [];

    private FaultRun(FaultOptions options)
    {
        _options = options;
        _network = new Network(options.Namespace("relay"));
        _parties = [.. options.Parties.Select(spec => new Party(spec, options.Executables, options.Logs, Tally))];
        Watch = new ResourceWatch(_parties, Tally);
        string clients = options.Namespace("client");
        _load = new TunnelLoad(_book, _disturbances, Tally, TunnelBound, () => NetworkNamespace.Within(clients, TunnelLoad.NewSocket));
        _service = new FarService(NetworkNamespace.Within(options.Namespace("server"), () => FarService.Bind(options.Service)), _book, Tally);
    }

    /// <summary>What has been counted.</summary>
    public Tally Tally { get; } = new();

    /// <summary>What the parties held.</summary>
    public ResourceWatch Watch { get; }

    /// <summary>What was measured, in words.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Runs all scenarios.</summary>
    public static async Task<FaultRun> RunAsync(FaultOptions options, CancellationToken token)
    {
        var run = new FaultRun(options);
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
        foreach (Party party in _parties) party.Dispose();
        _service.Dispose();
    }

    private void KillParties()
    {
        foreach (Party party in _parties) party.KillForGood();
    }

    private async Task RunAsync(CancellationToken token)
    {
        foreach (Party party in _parties) await party.StartAsync();
        await Watch.NoteStartAsync(token);
        await Task.WhenAll(Enumerable.Range(0, 24).Select(_ => OpenAsync(TunnelKind.BothWays)));
        await Watch.NoteWarmAsync(token);

        (string Name, Func<Task> Run)[] scenarios =
        [
            ("packets are lost", LoseAsync),
            ("packets are late", DelayAsync),
            .. Hosts("a cable is pulled for a moment", PullForAMomentAsync),
            .. Hosts("a cable is pulled for long", PullForLongAsync),
            .. Hosts("packets are dropped silently", DropSilentlyAsync),
        ];
        scenarios = [.. scenarios.Where(scenario => scenario.Name.Contains(_options.Only, StringComparison.Ordinal))];
        if (scenarios.Length == 0) throw new ArgumentException($"no scenario has \"{_options.Only}\" in its name; see --help");
        foreach ((string name, Func<Task> scenario) in scenarios)
        {
            Console.Error.WriteLine($"{DateTime.UtcNow:HH:mm:ss} {name}");
            await scenario();
            await Watch.CheckAsync(name, token);
        }

        foreach (Party party in _parties.Reverse()) await party.StopAsync();
    }

    private static (string Name, Func<Task> Run)[] Hosts(string name, Func<string, Task> scenario) =>
        [($"{name}: client", () => scenario("client")), ($"{name}: server", () => scenario("server"))];

    /// <summary>Two of a hundred packets on all cables, each way: slower, and nothing else.</summary>
    private async Task LoseAsync()
    {
        _network.Lose(2);
        await MeasureAsync("2 % of all packets lost", OpenSomeAsync);
        _network.DropNothing();
    }

    private async Task DelayAsync()
    {
        TimeSpan delay = TimeSpan.FromMilliseconds(40);
        if (!_network.TryDelay("client", delay))
        {
            _notes.Add("packets late: not run, this kernel has no netem");
            return;
        }

        await MeasureAsync($"{delay.TotalMilliseconds} ms later", OpenSomeAsync);
        _network.DelayNothing("client");
    }

    /// <summary>TCP bears it: tunnels that carry bytes and tunnels that rest go on afterwards, and end as planned.</summary>
    private async Task PullForAMomentAsync(string host)
    {
        Task open = Task.WhenAll(OpenLongAsync(), OpenLongAsync(), OpenAsync(TunnelKind.Idle), OpenAsync(TunnelKind.ClientEndsFirst));
        await Task.Delay(TimeSpan.FromSeconds(1));
        _network.Pull(host);
        await Task.Delay(ShortPull);
        _network.Plug(host);
        await MeasureAsync($"{host}'s cable out for {ShortPull.TotalSeconds} s: the tunnels that were open end as planned", () => open);
    }

    /// <summary>Nothing is open; what was kept is dead by the time the cable is back.</summary>
    private async Task PullForLongAsync(string host)
    {
        _disturbances.Begin();
        _network.Pull(host);
        Task<TunnelVerdict> meanwhile = OpenAsync(TunnelKind.Short);
        await Task.Delay(LongPull);
        _network.Plug(host);
        await ReturnAsync($"{host}'s cable out for {LongPull.TotalSeconds} s");
        await meanwhile;
        _disturbances.End();
    }

    /// <summary>Neither end can know; a tunnel that carries bytes and one that rests have to be given up, as broken.</summary>
    private async Task DropSilentlyAsync(string host)
    {
        Task<TunnelVerdict>[] open = [OpenLongAsync(), OpenRestingAsync()];
        await Task.Delay(TimeSpan.FromSeconds(2));
        _disturbances.Begin();
        _network.Silence(host);
        long start = Stopwatch.GetTimestamp();
        Task all = Task.WhenAll(open);
        bool isGivenUp = await Task.WhenAny(all, Task.Delay(SilenceBound)) == all;
        TimeSpan taken = Stopwatch.GetElapsedTime(start);
        if (isGivenUp) _notes.Add($"{host} silent: both ends of both tunnels broke within {taken.TotalSeconds:0} s");
        else Tally.Fail($"{host} silent: after {taken.TotalSeconds:0} s tunnels are still open");
        _network.DropNothing();
        await ReturnAsync($"{host} silent for {taken.TotalSeconds:0} s");
        foreach (TunnelVerdict verdict in await Task.WhenAll(open))
        {
            if (verdict.Client.Outcome != Outcome.Broken || verdict.Server.Outcome != Outcome.Broken)
                Tally.Fail($"{host} silent: {verdict}");
        }

        _disturbances.End();
    }

    /// <summary>Waits until a new tunnel works, and notes how long that took.</summary>
    private async Task ReturnAsync(string after)
    {
        long start = Stopwatch.GetTimestamp();
        while ((await OpenAsync(TunnelKind.Short)).Client.Outcome != Outcome.Clean)
        {
            if (Stopwatch.GetElapsedTime(start) > ReturnBound)
            {
                Tally.Fail($"{after}: no tunnel works {ReturnBound.TotalSeconds} s later");
                return;
            }

            await Task.Delay(ProbePause);
        }

        _notes.Add($"{after}: a new tunnel worked {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s after the end of that");
    }

    private async Task MeasureAsync(string what, Func<Task> work)
    {
        long start = Stopwatch.GetTimestamp();
        await work();
        _notes.Add($"{what}: {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s");
    }

    private Task OpenSomeAsync() => Task.WhenAll(Enumerable.Range(0, 12).Select(_ => OpenAsync(TunnelKind.BothWays)));

    private Task<TunnelVerdict> OpenAsync(TunnelKind kind) => _load.RunOneAsync(_options.Forward, _plans.Next(kind));

    /// <summary>Bytes both ways for some 6 s.</summary>
    private Task<TunnelVerdict> OpenLongAsync() => _load.RunOneAsync(
        _options.Forward,
        _plans.Next(TunnelKind.BothWays) with { UpBytes = 24_000_000, UpRate = 4_000_000, DownBytes = 24_000_000, DownRate = 4_000_000 });

    /// <summary>A tunnel that rests for longer than the silence.</summary>
    private Task<TunnelVerdict> OpenRestingAsync() => _load.RunOneAsync(
        _options.Forward,
        _plans.Next(TunnelKind.Idle) with { UpBytes = 1000, DownBytes = 1000, WaitMs = (int)SilenceBound.TotalMilliseconds + 30_000 });
}
