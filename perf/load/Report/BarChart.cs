using System.Globalization;
using System.Security;
using System.Text;

namespace Ptth.Load.Report;

/// <summary>The plot: four panels of horizontal bars, one bar a chain, as SVG.</summary>
internal sealed class BarChart(Samples samples)
{
    private const int PanelWidth = 520;
    private const int LabelWidth = 210;
    private const int ValueWidth = 70;
    private const int BarHeight = 16;
    private const int RowHeight = 22;
    private const int TitleHeight = 34;
    private const int Margin = 16;
    private const string OwnColour = "#1f77b4";
    private const string OthersColour = "#9aa5b1";

    private static readonly (string Figure, string Text)[] Panels =
    [
        ("gbit.8", "Gbit/s, 8 streams (more is better)"),
        ($"cpu.8.{ProcessGroups.All}", "CPU seconds per GB, 8 streams (less is better)"),
        ("rtt.p50_us", "64 B round trip, p50, µs (less is better)"),
        ("shorts.per_s", "short tunnels per second (more is better)"),
    ];

    private readonly StringBuilder _svg = new();

    /// <summary>Draws it.</summary>
    public string Draw()
    {
        int panelHeight = TitleHeight + (Chains.All.Count * RowHeight) + Margin;
        int width = (2 * PanelWidth) + (3 * Margin), height = (2 * panelHeight) + Margin;
        Add($"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\"");
        Add("  font-family=\"sans-serif\" font-size=\"12\">");
        Add($"<rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>");
        for (int i = 0; i < Panels.Length; i++)
            Panel(Panels[i].Figure, Panels[i].Text, Margin + (i % 2 * (PanelWidth + Margin)), Margin + (i / 2 * panelHeight));
        Add("</svg>");
        return _svg.ToString();
    }

    private void Panel(string figure, string title, int left, int top)
    {
        Text(left, top + 14, title, "font-weight=\"bold\"");
        double most = Chains.All.Max(chain => samples.Median(chain.Name, figure)) ?? 0;
        double scale = most > 0 ? (PanelWidth - LabelWidth - ValueWidth) / most : 0;
        int y = top + TitleHeight;
        foreach ((string chain, string text) in Chains.All)
        {
            if (samples.Median(chain, figure) is not double value) continue;
            string colour = chain is Chains.Ptth or Chains.PtthCopy ? OwnColour : OthersColour;
            string length = (value * scale).ToString("0.0", CultureInfo.InvariantCulture);
            string end = (left + LabelWidth + (value * scale) + 5).ToString("0.0", CultureInfo.InvariantCulture);
            Text(left, y + 12, text);
            Add($"<rect x=\"{left + LabelWidth}\" y=\"{y}\" width=\"{length}\" height=\"{BarHeight}\" fill=\"{colour}\"/>");
            Add($"<text x=\"{end}\" y=\"{y + 12}\">{Markdown.Number(value)}</text>");
            y += RowHeight;
        }
    }

    private void Text(int x, int y, string text, string style = "") =>
        Add($"<text x=\"{x}\" y=\"{y}\" {style}>{SecurityElement.Escape(text)}</text>");

    private void Add(string element) => _svg.Append(element).Append('\n');
}
