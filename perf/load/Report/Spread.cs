namespace Ptth.Load.Report;

/// <summary>The middle and the ends of some values.</summary>
internal readonly record struct Spread(double Median, double Least, double Most)
{
    /// <summary>The spread of those that are not null; null if all are.</summary>
    public static Spread? Of(IEnumerable<double?> values)
    {
        double[] sorted = [.. values.OfType<double>().Order()];
        if (sorted.Length == 0) return null;
        double median = (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
        return new Spread(median, sorted[0], sorted[^1]);
    }
}
