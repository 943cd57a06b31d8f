using System.Diagnostics;

namespace Ptth.Fuzz.Engine;

/// <summary>Runs one target on mutated inputs, and keeps those that reach what none reached before.</summary>
internal sealed class FuzzRun : IDisposable
{
    private const int MostFindings = 20;

    private readonly IFuzzTarget _target;
    private readonly CoverageMap _coverage = new(countsMatter: true);
    private readonly List<byte[]> _inputs = [];
    private readonly HashSet<string> _findings = [];
    private readonly Watchdog _watchdog;
    private readonly string _folder;

    /// <summary>A run of <paramref name="target"/> that keeps what it finds in <paramref name="folder"/>.</summary>
    public FuzzRun(IFuzzTarget target, string folder)
    {
        _target = target;
        _folder = folder;
        _watchdog = new Watchdog(Path.Combine(folder, "findings"), target.MaxBytes);
    }

    /// <summary>How many inputs were run.</summary>
    public long Runs { get; private set; }

    /// <summary>How many different things were found.</summary>
    public int Findings => _findings.Count;

    /// <summary>How many inputs are kept.</summary>
    public int Kept => _inputs.Count;

    /// <summary>How many pairs of branches were seen.</summary>
    public int Seen => _coverage.Seen;

    /// <summary>Takes inputs to begin with, those first that are short.</summary>
    public void Add(IEnumerable<byte[]> inputs)
    {
        foreach (byte[] input in inputs.Where(input => input.Length <= _target.MaxBytes).OrderBy(static input => input.Length))
            if (TryRun(input)) _inputs.Add(input);
        if (_inputs.Count == 0) _inputs.Add([]);
    }

    /// <summary>Mutates until the time or the number is over, or there are too many findings.</summary>
    public void Mutate(TimeSpan time, long runs, Random random, IReadOnlyList<byte[]> words)
    {
        var mutator = new Mutator(random, words, _target.MaxBytes);
        var clock = Stopwatch.StartNew();
        for (long left = runs; left > 0 && _findings.Count < MostFindings && ((left & 255) != 0 || clock.Elapsed < time); left--)
        {
            ReadOnlySpan<byte> input = mutator.Mutate(Pick(random), _inputs[random.Next(_inputs.Count)]);
            if (!TryRun(input)) continue;
            _inputs.Add(input.ToArray());
            Corpus.Save(Path.Combine(_folder, "kept"), input);
        }
    }

    /// <summary>The inputs that are needed to see every pair that was seen, the short ones first. How often does not count: that would keep ten times as many.</summary>
    public IEnumerable<byte[]> Smallest()
    {
        var fresh = new CoverageMap(countsMatter: false);
        foreach (byte[] input in _inputs.OrderBy(static input => input.Length))
        {
            CoverageMap.Begin();
            _target.Run(input);
            if (fresh.End()) yield return input;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _watchdog.Dispose();

    // What was found last leads on sooner than what all the others came from.
    private byte[] Pick(Random random) =>
        random.Next(3) == 0 ? _inputs[^(1 + random.Next(Math.Min(_inputs.Count, 16)))] : _inputs[random.Next(_inputs.Count)];

    private bool TryRun(ReadOnlySpan<byte> input)
    {
        Runs++;
        _watchdog.Begin(input);
        CoverageMap.Begin();
        try
        {
            _target.Run(input);
        }
        catch (Exception failure)
        {
            Report(failure, input);
            return false;
        }

        return _coverage.End();
    }

    private void Report(Exception failure, ReadOnlySpan<byte> input)
    {
        // One of each kind: the message without what differs from input to input.
        string place = failure.StackTrace?.Split('\n').FirstOrDefault()?.Trim() ?? "";
        string kind = failure.GetType().Name + place + (failure is Finding ? failure.Message.Split(':')[0] : "");
        if (!_findings.Add(kind)) return;
        Console.Error.WriteLine($"{_target.Name}: {failure.GetType().Name}: {failure.Message}");
        Console.Error.WriteLine($"  {place}");
        Console.Error.WriteLine($"  {Corpus.Save(Path.Combine(_folder, "findings"), input)}");
    }
}
