namespace Ptth.Load.Report;

/// <summary>A figure of PtthRaw's chain, as a ratio to another chain's in the same round, or by itself.</summary>
/// <param name="Name">Its name in the guard's record.</param>
/// <param name="Text">What it is.</param>
/// <param name="Figure">The figure of PtthRaw's chain.</param>
/// <param name="Against">The other chain and its figure; null for a figure by itself.</param>
/// <param name="LessIsBetter">Which side of a bound is the good one.</param>
/// <param name="Must">The bound that is to be kept.</param>
/// <param name="Aim">The bound that is aimed at.</param>
/// <param name="Noise">
/// The least margin that the guard allows, as a share of the ratio; null where it does not watch: throughput and round trips over two
/// CPUs depend on what else the machine does. Each is above half of the range that series of the guard had while other work kept the
/// two CPUs busy (load average 30 to 70).
/// </param>
internal sealed record Ratio(
    string Name,
    string Text,
    string Figure,
    (string Chain, string Figure)? Against,
    bool LessIsBetter,
    double Must,
    double Aim,
    double? Noise)
{
    /// <summary>All of them, in the order of the report.</summary>
    public static IReadOnlyList<Ratio> All { get; } =
    [
        Cpu(1, "relay", "the relay alone", 1.0, 0.7),
        Cpu(8, "relay", "the relay alone", 1.0, 0.7),
        Cpu(1, ProcessGroups.All, "the whole chain", 3.0, 2.0),
        Cpu(8, ProcessGroups.All, "the whole chain", 3.0, 2.0),
        Speed(1, Chains.Direct, "direct loopback", 0.30, 0.45),
        Speed(8, Chains.Direct, "direct loopback", 0.30, 0.45),
        Speed(1, Chains.Ssh, "the ssh chain", 2, 4),
        Speed(8, Chains.Ssh, "the ssh chain", 2, 4),
        new("round_trip", "64 B round trip p50 ÷ HAProxy", "rtt.p50_us", (Chains.HAProxy, "rtt.p50_us"),
            true, 2.5, 1.7, Noise: null),
        new("round_trip_one_cpu", "64 B round trip p50 ÷ HAProxy, all on one CPU", "rtt_one_cpu.p50_us",
            (Chains.HAProxy, "rtt_one_cpu.p50_us"), true, 2.5, 1.7, Noise: 0.25),
        new("shorts", "short tunnels per second ÷ HAProxy", "shorts.per_s", (Chains.HAProxy, "shorts.per_s"),
            false, 0.20, 0.40, Noise: 0.25),
        Memory("relay", "the relay (four connections)", 14, 8),
        Memory(ProcessGroups.All, "all three", 35, 20),
    ];

    /// <summary>Those that the guard watches.</summary>
    public static IEnumerable<Ratio> Guarded => All.Where(static ratio => ratio.Noise is not null);

    /// <summary>The ratio over the rounds that have both sides; null if none has.</summary>
    public Spread? Of(Samples samples) => Spread.Of(samples.Rounds.Select(round =>
    {
        double? own = samples.Value(round, Chains.Ptth, Figure);
        return Against is var (chain, figure) ? own / samples.Value(round, chain, figure) : own;
    }));

    /// <summary>Whether a value keeps a bound.</summary>
    public bool Keeps(double value, double bound) => LessIsBetter ? value <= bound : value >= bound;

    private static Ratio Cpu(int streams, string process, string text, double must, double aim) => new(
        $"cpu_{process}_{streams}", $"CPU per GB of {text} ÷ HAProxy, {Count(streams)}", $"cpu.{streams}.{process}",
        (Chains.HAProxy, $"cpu.{streams}.{ProcessGroups.All}"), true, must, aim, Noise: streams == 1 ? 0.5 : 0.25);

    private static Ratio Speed(int streams, string chain, string text, double must, double aim) => new(
        $"gbit_{chain}_{streams}", $"Gbit/s ÷ {text}, {Count(streams)}", $"gbit.{streams}",
        (chain, $"gbit.{streams}"), false, must, aim, Noise: null);

    private static Ratio Memory(string process, string text, double must, double aim) => new(
        $"idle_kb_{process}", $"resident KB per idle tunnel, {text}", $"idle.tunnel_kb.{process}", null, true, must, aim, Noise: 0.1);

    private static string Count(int streams) => streams == 1 ? "1 stream" : $"{streams} streams";
}
