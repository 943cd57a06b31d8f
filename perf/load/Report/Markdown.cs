using System.Globalization;
using System.Text;

namespace Ptth.Load.Report;

/// <summary>The report as Markdown.</summary>
internal sealed class Markdown(Samples samples)
{
    private static readonly int[] StreamCounts = [1, 8, 64];

    private readonly StringBuilder _text = new();

    /// <summary>Writes all of it.</summary>
    /// <param name="title">The heading.</param>
    /// <param name="about">Lines about the machine, the commit and the run.</param>
    /// <param name="plot">The plot's file name.</param>
    public string Write(string title, IEnumerable<string> about, string plot)
    {
        Line($"# {title}");
        Line();
        foreach (string line in about) Line($"- {line}");
        Line($"- medians of {samples.Rounds.Count} rounds, the chains in turn within each; 1 GB is 10⁹ bytes, 1 KB is 1,024");
        Line();
        Line($"![Throughput, CPU time, round trip and short tunnels of each chain]({plot})");
        Ratios();
        Figures();
        Processes();
        Memory();
        return _text.ToString();
    }

    /// <summary>A number with as many digits as it deserves.</summary>
    public static string Number(double? value) => value switch
    {
        null => "",
        double number when Math.Abs(number) >= 100 => number.ToString("#,0", CultureInfo.InvariantCulture),
        double number when Math.Abs(number) >= 10 => number.ToString("0.0", CultureInfo.InvariantCulture),
        double number => number.ToString("0.00", CultureInfo.InvariantCulture),
    };

    private void Ratios()
    {
        Heading("Ratios");
        Line("The median of the rounds' ratios, and the least and the most of them.");
        Row(["figure", "measured", "rounds", "must", "aim", "met"], texts: 1);
        foreach (Ratio ratio in Ratio.All)
        {
            if (ratio.Of(samples) is not Spread spread) continue;
            string sign = ratio.LessIsBetter ? "≤" : "≥";
            string met = ratio.Keeps(spread.Median, ratio.Aim) ? "aim" : ratio.Keeps(spread.Median, ratio.Must) ? "must" : "**no**";
            Row([ratio.Text, Number(spread.Median), $"{Number(spread.Least)} to {Number(spread.Most)}",
                $"{sign} {Number(ratio.Must)}", $"{sign} {Number(ratio.Aim)}", met]);
        }
    }

    private void Figures()
    {
        Heading("Figures");
        Row(["chain", "Gbit/s: 1", "8", "64 streams", "CPU s/GB: 1", "8", "64 streams",
            "64 B p50 µs", "p99 µs", "short tunnels/s", "p99 ms", "errors"], texts: 1);
        string[] figures =
        [
            "gbit.1", "gbit.8", "gbit.64", $"cpu.1.{ProcessGroups.All}", $"cpu.8.{ProcessGroups.All}", $"cpu.64.{ProcessGroups.All}",
            "rtt.p50_us", "rtt.p99_us", "shorts.per_s", "shorts.p99_ms",
        ];
        foreach ((string chain, string text) in Chains.All)
            Row([text, .. figures.Select(figure => Number(samples.Median(chain, figure))), $"{samples.Sum(chain, "errors")}"]);
    }

    private void Processes()
    {
        Heading("CPU seconds per GB of each process");
        Row(["process", "splice: 1", "8", "64 streams", "copy: 1", "8", "64 streams"], texts: 1);
        foreach (string process in Chains.PtthProcesses)
        {
            Row([process, .. new[] { Chains.Ptth, Chains.PtthCopy }.SelectMany(chain =>
                StreamCounts.Select(streams => Number(samples.Median(chain, $"cpu.{streams}.{process}"))))]);
        }
    }

    private void Memory()
    {
        Heading("Resident size");
        Line("At start, and what it grows by for each idle tunnel.");
        Row(["process", "KB at start", "KB per idle tunnel"], texts: 1);
        MemoryRow(Chains.HAProxy, ProcessGroups.All, "HAProxy");
        foreach (string process in Chains.PtthProcesses) MemoryRow(Chains.Ptth, process, $"PtthRaw, {process}");
    }

    private void MemoryRow(string chain, string process, string text) =>
        Row([text, Number(samples.Median(chain, $"idle.start_kb.{process}")), Number(samples.Median(chain, $"idle.tunnel_kb.{process}"))]);

    private void Heading(string text)
    {
        Line();
        Line($"## {text}");
        Line();
    }

    // The first row of a table says how many of its columns are text.
    private void Row(string[] cells, int texts = 0)
    {
        if (texts > 0 && _text[^2] != '\n') Line();
        Line($"| {string.Join(" | ", cells)} |");
        if (texts > 0) Line($"| {string.Join(" | ", cells.Select((_, column) => column < texts ? "---" : "---:"))} |");
    }

    private void Line(string text = "") => _text.Append(text).Append('\n');
}
