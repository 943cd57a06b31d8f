using System.Globalization;

namespace Ptth.Load.Report;

/// <summary>What one run measured: a value for each round, chain and figure.</summary>
internal sealed class Samples
{
    private readonly Dictionary<(int Round, string Chain, string Figure), double> _values = [];

    /// <summary>The rounds, in order.</summary>
    public IReadOnlyList<int> Rounds { get; private init; } = [];

    /// <summary>Reads lines of round, chain, figure and value, with tabs between; a figure that comes again in a round adds up.</summary>
    /// <exception cref="FormatException">A line is not of that form.</exception>
    public static Samples Read(string path)
    {
        var values = new Dictionary<(int, string, string), double>();
        var rounds = new SortedSet<int>();
        foreach (string line in File.ReadLines(path))
        {
            if (line.Split('\t') is not [string roundText, string chain, string figure, string valueText])
                throw new FormatException($"{path}: '{line}' is not round, chain, figure, value");
            int round = int.Parse(roundText, CultureInfo.InvariantCulture);
            rounds.Add(round);
            (int, string, string) key = (round, chain, figure);
            values[key] = values.GetValueOrDefault(key) + double.Parse(valueText, CultureInfo.InvariantCulture);
        }

        return new Samples(values) { Rounds = [.. rounds] };
    }

    private Samples(Dictionary<(int, string, string), double> values) => _values = values;

    /// <summary>The value of a round; null if it was not measured.</summary>
    public double? Value(int round, string chain, string figure) =>
        _values.TryGetValue((round, chain, figure), out double value) ? value : null;

    /// <summary>The median over the rounds; null if it was not measured.</summary>
    public double? Median(string chain, string figure) => Spread.Of(Rounds.Select(round => Value(round, chain, figure)))?.Median;

    /// <summary>The sum over the rounds.</summary>
    public double Sum(string chain, string figure) => Rounds.Sum(round => Value(round, chain, figure) ?? 0);
}
