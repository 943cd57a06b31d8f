using System.CommandLine;

namespace Ptth.Load.Report;

/// <summary>The commands that read samples and write or judge.</summary>
internal static class ReportCommands
{
    private static readonly Option<string[]> SampleFiles = new("--samples")
    {
        Description = "A file of samples: round, chain, figure and value, with tabs between; several for several runs",
        Required = true,
    };

    private static readonly Option<string> About = new("--about")
    {
        Description = "A file whose lines describe the machine and the run",
        Required = true,
    };

    private static readonly Option<string> Out = new("--out") { Description = "The file to write", Required = true };

    /// <summary><c>report</c>: the Markdown and the plot beside it.</summary>
    public static Command Report()
    {
        var title = new Option<string>("--title") { Description = "The heading", Required = true };
        var command = new Command("report", "Write a run's report as Markdown, and its plot as SVG of the same name")
        {
            SampleFiles, About, title, Out,
        };
        command.SetAction(parsed =>
        {
            Samples samples = Samples.Read(parsed.GetValue(SampleFiles)!.Single());
            string path = parsed.GetValue(Out)!, plot = Path.ChangeExtension(path, ".svg");
            string[] about = File.ReadAllLines(parsed.GetValue(About)!);
            string text = new Markdown(samples).Write(parsed.GetValue(title)!, about, Path.GetFileName(plot));
            File.WriteAllText(plot, new BarChart(samples).Draw());
            File.WriteAllText(path, text);
            Console.Write(text);
        });
        return command;
    }

    /// <summary><c>guard</c>: 0 if no ratio is behind the record in every series, else 1.</summary>
    public static Command Guard()
    {
        var record = new Option<string>("--record") { Description = "The recorded ratios", Required = true };
        var command = new Command("guard", "Compare with the recorded ratios") { SampleFiles, record };
        command.SetAction(parsed => GuardRecord.Read(parsed.GetValue(record)!).Holds(Read(parsed)) ? 0 : 1);
        return command;
    }

    /// <summary><c>record</c>: writes the ratios for the guard.</summary>
    public static Command Record()
    {
        var command = new Command("record", "Record the ratios of several runs, and their noise") { SampleFiles, About, Out };
        command.SetAction(parsed =>
        {
            string text = GuardRecord.Write(Read(parsed), File.ReadLines(parsed.GetValue(About)!));
            File.WriteAllText(parsed.GetValue(Out)!, text);
            Console.Write(text);
        });
        return command;
    }

    private static Samples[] Read(ParseResult parsed) => [.. parsed.GetValue(SampleFiles)!.Select(Samples.Read)];
}
