using System.CommandLine;
using System.Diagnostics;
using Ptth.Fuzz.Engine;
using SharpFuzz;

namespace Ptth.Fuzz;

/// <summary>The commands of the program. <c>perf/fuzz.sh</c> puts them together.</summary>
internal static class FuzzCommands
{
    /// <summary>What threads do differs from run to run, and some of it is always new: the repository's corpus has an end.</summary>
    private const int MostInCorpus = 200;

    private static readonly Argument<string> Target = MakeTarget();

    /// <summary><c>instrument</c>: makes assemblies tell which branches they take. In place, so before they are loaded.</summary>
    public static Command Instrument()
    {
        var files = new Argument<string[]>("assembly") { Arity = ArgumentArity.OneOrMore };
        var command = new Command("instrument", "Make assemblies report the branches that they take, in place") { files };
        command.SetAction(parsed =>
        {
            foreach (string file in parsed.GetValue(files)!) Fuzzer.Instrument(file, static _ => true, Options.Value);
        });
        return command;
    }

    /// <summary><c>list</c>: the names of the targets.</summary>
    public static Command List()
    {
        var command = new Command("list", "Print the names of the targets");
        command.SetAction(static _ =>
        {
            foreach (IFuzzTarget target in FuzzTargets.All()) Console.WriteLine(target.Name);
        });
        return command;
    }

    /// <summary><c>run</c>: fuzzes one target.</summary>
    public static Command Run()
    {
        var seconds = new Option<double>("--seconds") { Description = "How long", DefaultValueFactory = static _ => 60 };
        var inputs = new Option<long>("--inputs") { Description = "How many inputs at most", DefaultValueFactory = static _ => long.MaxValue };
        var seed = new Option<int?>("--seed") { Description = "Makes the same inputs again; a new one each time where it is left out" };
        var home = new Option<string>("--home") { Description = "The folder with corpus and dictionaries", Required = true };
        var work = new Option<string>("--work") { Description = "Where what is found is kept", Required = true };
        var reduce = new Option<bool>("--reduce") { Description = "Afterwards replace the target's corpus by the smallest that sees as much" };
        var command = new Command("run", "Fuzz one target; ends with 1 where something was found") { Target, seconds, inputs, seed, home, work, reduce };
        command.SetAction(parsed =>
        {
            IFuzzTarget target = FuzzTargets.Of(parsed.GetValue(Target)!);
            int number = parsed.GetValue(seed) ?? Random.Shared.Next();
            string corpus = Path.Combine(parsed.GetValue(home)!, "corpus", target.Name);
            string folder = Path.Combine(parsed.GetValue(work)!, target.Name);
            using var run = new FuzzRun(target, folder);
            var clock = Stopwatch.StartNew();
            run.Add(Corpus.Load(corpus).Concat(Corpus.Load(Path.Combine(folder, "kept"))));
            List<byte[]> words = Corpus.LoadDictionary(Path.Combine(parsed.GetValue(home)!, "dictionaries", target.Dictionary));
            run.Mutate(TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(inputs), new Random(number), words);
            double elapsed = clock.Elapsed.TotalSeconds;
            Console.WriteLine(FormattableString.Invariant(
                $"{target.Name}: {run.Runs} inputs in {elapsed:F0} s ({run.Runs / elapsed:F0}/s), {run.Kept} kept, {run.Seen} pairs of branches, {run.Findings} findings, seed {number}"));
            if (parsed.GetValue(reduce))
            {
                List<byte[]> smallest = [.. run.Smallest().Take(MostInCorpus)];
                if (Directory.Exists(corpus)) Directory.Delete(corpus, recursive: true);
                smallest.ForEach(input => Corpus.Save(corpus, input));
                Console.WriteLine($"{target.Name}: {smallest.Count} inputs in {corpus}");
            }

            return run.Findings == 0 ? 0 : 1;
        });
        return command;
    }

    /// <summary><c>repeat</c>: runs inputs once more, to see what they do.</summary>
    public static Command Repeat()
    {
        var files = new Argument<string[]>("input") { Arity = ArgumentArity.OneOrMore };
        var command = new Command("repeat", "Run single inputs, and let what they find end the program") { Target, files };
        command.SetAction(parsed =>
        {
            IFuzzTarget target = FuzzTargets.Of(parsed.GetValue(Target)!);
            foreach (string file in parsed.GetValue(files)!) target.Run(File.ReadAllBytes(file));
        });
        return command;
    }

    private static Argument<string> MakeTarget()
    {
        var target = new Argument<string>("target") { Description = "Which target" };
        return target.AcceptOnlyFromAmong([.. FuzzTargets.All().Select(static one => one.Name)]);
    }
}
