using System.Globalization;
using System.Text;
using Ptth.Relay.Statistics;

namespace Ptth.Relay.Admin.Metrics;

/// <summary>
/// Writes the text format of Prometheus, version 0.0.4: for each metric its help and type, then its samples. The values of labels are names of ours,
/// which have nothing that would need escaping.
/// </summary>
internal sealed class MetricsWriter
{
    /// <summary>The format's media type.</summary>
    public const string MediaType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly StringBuilder _text = new();
    private string _name = "";

    /// <summary>A value that goes up and down, without labels.</summary>
    public void Gauge(string name, string help, double value) => Begin(name, "gauge", help).Sample(value);

    /// <summary>A value that only grows, without labels.</summary>
    public void Counter(string name, string help, double value) => Begin(name, "counter", help).Sample(value);

    /// <summary>Counters by one label.</summary>
    public void Counters(string name, string help, string label, IEnumerable<(string Name, long Count)> counts)
    {
        Begin(name, "counter", help);
        foreach ((string value, long count) in counts) Sample(label, value, count);
    }

    /// <summary>Begins a metric; its samples follow.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="type"><c>counter</c>, <c>gauge</c> or <c>histogram</c>.</param>
    /// <param name="help">What it is, in one line.</param>
    public MetricsWriter Begin(string name, string type, string help)
    {
        _name = name;
        _text.Append("# HELP ").Append(name).Append(' ').Append(help).Append('\n');
        _text.Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
        return this;
    }

    /// <summary>A sample of the metric.</summary>
    public void Sample(double value) => Add(_name, null, "", value);

    /// <summary>A sample with a label.</summary>
    public void Sample(string label, string labelValue, double value) => Add(_name, label, labelValue, value);

    /// <summary>A histogram, in seconds.</summary>
    public void Seconds(string name, string help, Histogram histogram)
    {
        Begin(name, "histogram", help);
        long[] counts = histogram.Cumulative();
        for (int number = 0; number < histogram.Bounds.Count; number++)
            Add(name + "_bucket", "le", Number(histogram.Bounds[number] / 1000.0), counts[number]);
        Add(name + "_bucket", "le", "+Inf", counts[^1]);
        Add(name + "_sum", null, "", histogram.Sum / 1000.0);
        Add(name + "_count", null, "", counts[^1]);
    }

    /// <summary>All that was written.</summary>
    public byte[] ToUtf8() => Encoding.UTF8.GetBytes(_text.ToString());

    private void Add(string name, string? label, string labelValue, double value)
    {
        _text.Append(name);
        if (label is not null) _text.Append('{').Append(label).Append("=\"").Append(labelValue).Append("\"}");
        _text.Append(' ').Append(Number(value)).Append('\n');
    }

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
