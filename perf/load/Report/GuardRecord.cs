using System.Globalization;
using System.Text;

namespace Ptth.Load.Report;

/// <summary>The recorded ratios that the guard compares with, each with the margin by which a run may be worse.</summary>
/// <remarks>
/// The record comes from several runs of the guard itself. A ratio's margin is <see cref="RangeFactor"/> times the range of those runs'
/// medians, and at least <see cref="Ratio.Noise"/> of the ratio: runs on a quiet machine do not show all of the noise.
/// </remarks>
internal sealed class GuardRecord(IReadOnlyDictionary<string, (double Recorded, double Margin)> ratios)
{
    private const double RangeFactor = 1.5;

    /// <summary>Reads a record.</summary>
    /// <exception cref="FormatException">A line is not name, ratio, margin.</exception>
    public static GuardRecord Read(string path)
    {
        var ratios = new Dictionary<string, (double Recorded, double Margin)>();
        foreach (string line in File.ReadLines(path).Where(static line => line.Length > 0 && line[0] != '#'))
        {
            if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [string name, string recorded, string margin, ..])
                throw new FormatException($"{path}: '{line}' is not name, ratio, margin");
            ratios.Add(name, (Parse(recorded), Parse(margin)));
        }

        return new GuardRecord(ratios);
    }

    /// <summary>The record of several runs, as text.</summary>
    public static string Write(IReadOnlyList<Samples> runs, IEnumerable<string> about)
    {
        var text = new StringBuilder();
        foreach (string line in about) text.Append(CultureInfo.InvariantCulture, $"# {line}\n");
        text.Append(CultureInfo.InvariantCulture,
            $"# {runs.Count} runs; margin = {RangeFactor} x (most - least) of the runs, at least the known noise.\n");
        text.Append(CultureInfo.InvariantCulture, $"# {"name",-18} {"ratio",8} {"margin",8} {"least",8} {"most",8}\n");
        foreach (Ratio ratio in Ratio.Guarded)
        {
            if (Spread.Of(runs.Select(run => ratio.Of(run)?.Median)) is not Spread spread) continue;
            double margin = Math.Max(RangeFactor * (spread.Most - spread.Least), ratio.Noise!.Value * spread.Median);
            text.Append(CultureInfo.InvariantCulture,
                $"{ratio.Name,-20} {spread.Median,8:0.000} {margin,8:0.000} {spread.Least,8:0.000} {spread.Most,8:0.000}\n");
        }

        return text.ToString();
    }

    /// <summary>Compares and prints a table. A ratio is behind when it is so in every one of the series.</summary>
    /// <returns>Whether none is behind, and no connection failed in every series.</returns>
    public bool Holds(IReadOnlyList<Samples> series)
    {
        bool holds = true;
        Console.WriteLine($"{"ratio",-58} {"recorded",9} {"bound",8}   measured");
        foreach (Ratio ratio in Ratio.Guarded)
        {
            if (!ratios.TryGetValue(ratio.Name, out (double Recorded, double Margin) known))
                throw new InvalidOperationException($"The record has no {ratio.Name}: record anew.");
            double bound = ratio.LessIsBetter ? known.Recorded + known.Margin : known.Recorded - known.Margin;
            double[] measured = [.. series.Select(one => ratio.Of(one)?.Median).OfType<double>()];
            if (measured.Length < series.Count) throw new InvalidOperationException($"{ratio.Name} was not measured.");
            bool isBehind = !measured.Any(value => ratio.Keeps(value, bound));
            holds &= !isBehind;
            string values = string.Join("  ", measured.Select(static value => value.ToString("0.000", CultureInfo.InvariantCulture)));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{ratio.Text,-58} {known.Recorded,9:0.000} {bound,8:0.000}   {values}{(isBehind ? "  BEHIND" : "")}"));
        }

        double[] errors = [.. series.Select(static one => one.Sum(Chains.Ptth, "errors"))];
        Console.WriteLine($"failed connections: {string.Join("  ", errors)}");
        return holds && errors.Contains(0);
    }

    private static double Parse(string number) => double.Parse(number, CultureInfo.InvariantCulture);
}
